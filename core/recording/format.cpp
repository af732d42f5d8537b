#include "core/recording/format.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/utf8.h"
#include "core/bus/topic.h"
#include "core/recording/base64.h"

namespace engine {
namespace {

using std::chrono::microseconds;
using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr double kLongest = 1e9;  // Seconds.
// Seconds from 1970, both ways: with kLongest after it, nanoseconds in 64 bits reach so far.
constexpr std::time_t kFarthest = 8'000'000'000;

// Bytes that are no UTF-8 are replaced.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}
std::string quoted(const std::string& text) { return dump(text); }

// As text where it is text, so that people can read it.
std::string bytes_to_json(const std::string& bytes) {
  return is_utf8(bytes) ? quoted(bytes) : fmt::format(R"({{"base64":"{}"}})", to_base64(bytes));
}

// 6 decimals, without going by way of floating point.
std::string seconds_text(Duration at) {
  const auto micros = std::chrono::duration_cast<microseconds>(at).count();
  return fmt::format("{}.{:06}", micros / 1'000'000, micros % 1'000'000);
}

// What few messages have.
std::string rare_properties(const Message& message) {
  std::string text;
  if (message.duplicate) text += R"(,"duplicate":true)";
  if (!message.response_topic.empty()) {
    text += R"(,"response_topic":)" + quoted(message.response_topic);
  }
  if (!message.correlation_data.empty()) {
    text += R"(,"correlation_data":)" + bytes_to_json(message.correlation_data);
  }
  if (!message.content_type.empty()) text += R"(,"content_type":)" + quoted(message.content_type);
  if (!message.user_properties.empty()) {
    text += R"(,"user_properties":)" + dump(message.user_properties);
  }
  return text;
}

Result<std::string> bytes_from_json(const char* key, const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_object() && json.contains("base64") && json["base64"].is_string()) {
    if (auto bytes = from_base64(json["base64"].get_ref<const std::string&>())) {
      return std::move(*bytes);
    }
  }
  return fail(fmt::format("{}: text or {{\"base64\": ...}} expected", key));
}

Result<Duration> seconds_from_json(const char* key, const Json& json) {
  const double seconds = json.is_number() ? json.get<double>() : -1;
  if (!(seconds >= 0 && seconds < kLongest)) {
    return fail(fmt::format("{}: seconds since the start expected", key));
  }
  return microseconds{std::llround(seconds * 1e6)};
}

Result<Json> parse_object(std::string_view line) {
  Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return fail("is not a JSON object");
  return json;
}

std::string text_property(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

Result<void> read_properties(const Json& json, Message& message) {
  const Json qos = json.value("qos", Json(0));
  const Json retain = json.value("retain", Json(false));
  if (!qos.is_number_integer() || qos < 0 || qos > 2) return fail("qos: 0, 1 or 2 expected");
  if (!retain.is_boolean()) return fail("retain: true or false expected");
  message.qos = qos.get<int>();
  message.retain = retain.get<bool>();
  message.duplicate = json.value("duplicate", Json(false)) == Json(true);
  message.response_topic = text_property(json, "response_topic");
  message.content_type = text_property(json, "content_type");
  if (json.contains("correlation_data")) {
    auto bytes = bytes_from_json("correlation_data", json["correlation_data"]);
    if (!bytes) return tl::unexpected(bytes.error());
    message.correlation_data = std::move(*bytes);
  }
  try {
    if (json.contains("user_properties")) json["user_properties"].get_to(message.user_properties);
  } catch (const Json::exception&) {
    return fail("user_properties: a list of [name, value] expected");
  }
  return {};
}

Result<RecordedMessage> read_message(const Json& json) {
  const auto at = seconds_from_json("t", json.value("t", Json()));
  if (!at) return tl::unexpected(at.error());
  RecordedMessage recorded{*at, {.topic = text_property(json, "topic"), .payload = {}}};
  if (const auto valid = topic::check_name(recorded.message.topic); !valid) {
    return tl::unexpected(valid.error());
  }
  auto payload = bytes_from_json("payload", json.value("payload", Json()));
  if (!payload) return tl::unexpected(payload.error());
  recorded.message.payload = std::move(*payload);
  if (const auto read = read_properties(json, recorded.message); !read) {
    return tl::unexpected(read.error());
  }
  return recorded;
}

}  // namespace

std::string to_iso(WallTime time) {
  const auto micros = std::chrono::floor<microseconds>(time).time_since_epoch().count();
  const std::time_t seconds =
      static_cast<std::time_t>(micros >= 0 ? micros / 1'000'000 : (micros - 999'999) / 1'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     micros - static_cast<int64_t>(seconds) * 1'000'000);
}

std::optional<WallTime> from_iso(const std::string& text) {
  std::tm parts{};
  int micros = 0;
  int read = 0;
  const int fields =
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &micros, &read);
  if (fields != 7 || static_cast<size_t>(read) != text.size()) return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::time_t seconds = ::timegm(&parts);
  if (seconds < -kFarthest || seconds > kFarthest) return std::nullopt;
  return WallTime{std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds{seconds} +
                                                                 microseconds{micros})};
}

std::string to_line(const RecordingHeader& header) {
  return fmt::format(R"({{"engine_recording":{},"started":"{}","filters":{}}})", kVersion,
                     to_iso(header.started), dump(header.filters));
}

std::string to_line(const RecordedMessage& recorded, WallTime started) {
  const Message& message = recorded.message;
  const WallTime wall = started + std::chrono::duration_cast<WallTime::duration>(recorded.at);
  return fmt::format(R"({{"t":{},"wall":"{}","topic":{},"payload":{},"qos":{},"retain":{}{}}})",
                     seconds_text(recorded.at), to_iso(wall), quoted(message.topic),
                     bytes_to_json(message.payload), message.qos, message.retain,
                     rare_properties(message));
}

std::string to_line(const RecordingEnd& end) {
  return fmt::format(R"({{"end":{}}})", seconds_text(end.at));
}

Result<RecordingHeader> parse_header(std::string_view line) {
  const auto json = parse_object(line);
  if (!json || !json->contains("engine_recording")) {
    return fail("is not a recording: its first line has no \"engine_recording\"");
  }
  if ((*json)["engine_recording"] != kVersion) {
    return fail(fmt::format("engine_recording: version {} is not known, only {}",
                            (*json)["engine_recording"].dump(), kVersion));
  }
  const auto started = from_iso(text_property(*json, "started"));
  if (!started) return fail("started: a time such as 2026-01-31T18:00:00.000000Z expected");
  return RecordingHeader{*started};
}

Result<std::variant<RecordedMessage, RecordingEnd>> parse_recorded(std::string_view line) {
  const auto json = parse_object(line);
  if (!json) return tl::unexpected(json.error());
  if (json->contains("end")) {
    const auto at = seconds_from_json("end", (*json)["end"]);
    if (!at) return tl::unexpected(at.error());
    return RecordingEnd{*at};
  }
  auto message = read_message(*json);
  if (!message) return tl::unexpected(message.error());
  return std::move(*message);
}

}  // namespace engine
