-- Alerts that last as long as their cause: raised when it begins, taken back when it is over.
return function(service)
  state.alerts = state.alerts or {}
  local raised = state.alerts -- By type: the severity.
  return function(kind, severity, text)
    if severity == raised[kind] then return end
    raised[kind] = severity
    if severity then
      log.warn("%s: %s", kind, text)
      service:emit_alert(kind, text, severity)
    else
      log.info("%s: is over", kind)
      service:clear_alert(kind)
    end
  end
end
