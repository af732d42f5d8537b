---@meta

---Sound and video that are played here, on topics that end in `/audio` and `/video`.
media = {}

---@class media.End
---@field topic string
---@field file string As the command named it.
---"stopped": by a command, or by another file on the topic.
---@field reason "finished"|"stopped"|"failed"

---Carries out one command, as a cue on that topic would: `FILE`, `PLAY:FILE`, `PLAY:FILE:VOLUME`,
---`STOP`, `PAUSE`, `RESUME`, `VOLUME:X` (0 to 1) for sound, `FILE`, `PLAY_VIDEO:FILE`,
---`STOP_VIDEO`, `PAUSE`, `RESUME`, `SEEK:SECONDS` for video.
---
---Raises on any other topic.
---@param topic string
---@param payload string
---@return true? done
---@return string? err A missing file, a malformed command, no player.
function media.command(topic, payload) end

---Whether a file plays (or is paused) on the topic.
---@param topic string
---@return boolean playing
function media.playing(topic) end

---Calls `fn` once for each file that began to play, when it ends.
---@param fn fun(ended: media.End)
---@return engine.Handle
function media.on_end(fn) end
