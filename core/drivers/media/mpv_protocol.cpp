#include "core/drivers/media/mpv_protocol.h"

namespace engine::mpv {
namespace {

using nlohmann::json;

std::string text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

int64_t integer(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_number_integer() ? it->get<int64_t>() : -1;
}

json value(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() ? *it : json();
}

EndFile end_file(const json& event) {
  const std::string reason = text(event, "reason");
  EndFile end{EndFile::Reason::stop, integer(event, "playlist_entry_id"), {}};
  if (reason == "eof") end.reason = EndFile::Reason::eof;
  if (reason == "error") {
    end.reason = EndFile::Reason::error;
    end.error = text(event, "file_error");
    if (end.error.empty()) end.error = "mpv gives no reason";
  }
  return end;
}

}  // namespace

Line decode(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return Ignored{};
  const std::string event = text(object, "event");
  if (event == "end-file") return end_file(object);
  if (event == "file-loaded") return FileLoaded{};
  if (event == "property-change")
    return PropertyChange{text(object, "name"), value(object, "data")};
  if (!event.empty() || !object.contains("request_id")) return Ignored{};
  const std::string error = text(object, "error");
  return Reply{integer(object, "request_id"), error == "success" ? "" : error,
               value(object, "data")};
}

std::string encode(int64_t request_id, const json& command) {
  const json object = {{"command", command}, {"request_id", request_id}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace engine::mpv
