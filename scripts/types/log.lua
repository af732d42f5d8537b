---@meta

---Lines in the log, under the name `script`. With more than one argument the first is a format of
---`string.format`: `log.info("%s has %d V", name, volts)`. `print` is `log.info` for several
---values.
log = {}

---Hidden unless the level of the logger `script` is `debug` or below. All four raise when the
---values do not suit the format.
---@param format any Text, or a single value of any type.
---@param ... any
function log.debug(format, ...) end

---@param format any
---@param ... any
function log.info(format, ...) end

---@param format any
---@param ... any
function log.warn(format, ...) end

---@param format any
---@param ... any
function log.error(format, ...) end
