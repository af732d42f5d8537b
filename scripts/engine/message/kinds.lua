-- The seven kinds of envelopes (mower document, "Message Protocols"), and what each has to say.
local kinds = {}

kinds.PRIORITIES = { low = 0, normal = 1, high = 2, critical = 3 }
kinds.SEVERITIES = { info = true, warning = true, error = true, critical = true }

-- Of each kind: the fields of its payload, and those of them that
-- `needs` an envelope that comes in must have, or it is dropped;
-- `asks` the constructor asks for besides;
-- `null` are written as null when there is nothing to say;
-- `defaults(sender)` gives the rest, in a fresh table.
kinds.of = {
  sensor_data = {
    fields = { "sensor_type", "device_id", "data", "units", "quality", "status" },
    needs = { "sensor_type", "data" },
    defaults = function(sender)
      return { device_id = sender, units = {}, quality = 1, status = "healthy" }
    end,
  },
  command = {
    fields = { "target", "command", "parameters", "timeout", "require_ack" },
    needs = { "target", "command" },
    defaults = function() return { parameters = {}, timeout = 30, require_ack = true } end,
  },
  response = {
    fields = { "success", "result", "error", "execution_time" },
    needs = { "success" },
    null = { "result", "error", "execution_time" },
    defaults = function() return {} end,
  },
  status = {
    fields = { "status", "uptime", "version", "details", "resources" },
    asks = { "status" },
    priority = "low",
    defaults = function()
      return { uptime = 0, version = "1.0.0", details = {}, resources = {} }
    end,
  },
  event = {
    fields = { "event_type", "event_data", "source", "category" },
    asks = { "event_type" },
    defaults = function(sender)
      return { event_data = {}, source = sender, category = "system" }
    end,
  },
  heartbeat = {
    fields = { "status", "uptime" },
    priority = "low",
    defaults = function() return { status = "healthy", uptime = 0 } end,
  },
  alert = {
    fields = { "alert_type", "severity", "message", "acknowledged", "auto_resolve", "context" },
    asks = { "alert_type", "message" },
    priority = "high",
    defaults = function()
      return { severity = "warning", acknowledged = false, auto_resolve = false, context = {} }
    end,
  },
}

return kinds
