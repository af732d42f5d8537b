-- Methods that check what they are given, and raise at the author's line.

-- `checks[method](what, ...)` raises without a position, and returns what the method is given.
return function(class, name, checks)
  for method, check in pairs(checks) do
    local what, inner = ("%s:%s"):format(name, method), class[method]
    class[method] = function(self, ...)
      if type(self) ~= "table" or getmetatable(self) ~= class then
        error(("%s: write it with a colon, %s(...)"):format(what, what), 2)
      end
      local checked = { pcall(check, what, ...) }
      if not checked[1] then error(checked[2], 2) end
      return inner(self, unpack(checked, 2, table.maxn(checked)))
    end
  end
end
