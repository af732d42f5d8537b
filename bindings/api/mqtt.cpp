// mqtt: subscribe and publish. The prose stands in scripts/types/mqtt.lua.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "bindings/host/message_arguments.h"
#include "bindings/host/modules.h"
#include "bindings/host/sandbox.h"
#include "bindings/host/script.h"
#include "bindings/host/script_handle.h"
#include "bindings/host/script_listener.h"
#include "bindings/host/will.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "core/base/utf8.h"
#include "core/bus/topic.h"
#include "core/topics/topic_policy.h"

namespace engine {
namespace {

void set_string(lua_State* L, const char* field, const std::string& value) {
  lua_pushlstring(L, value.data(), value.size());
  lua_setfield(L, -2, field);
}

void push_message(lua_State* L, const Message& message) {
  lua_createtable(L, 0, 8);
  set_string(L, "topic", message.topic);
  set_string(L, "payload", message.payload);
  lua_pushinteger(L, message.qos);
  lua_setfield(L, -2, "qos");
  lua_pushboolean(L, message.retain);
  lua_setfield(L, -2, "retained");
  lua_pushboolean(L, message.duplicate);
  lua_setfield(L, -2, "duplicate");
  lua_pushnumber(L, to_seconds(message.received_at.time_since_epoch()));
  lua_setfield(L, -2, "time");
  if (!message.response_topic.empty()) set_string(L, "response_topic", message.response_topic);
  if (!message.correlation_data.empty()) {
    set_string(L, "correlation_data", message.correlation_data);
  }
  push_internal(L, "message_metatable");
  lua_setmetatable(L, -2);
}

class Subscription final : public Registration {
 public:
  Subscription(Script& script, Callback callback, std::string filter, int qos)
      : bus_(script.services().bus),
        callback_(std::move(callback)),
        filter_(std::move(filter)),
        qos_(qos) {}
  ~Subscription() override { bus_.unsubscribe(id_); }

  void activate(Registration* former) override {
    const auto* before = dynamic_cast<Subscription*>(former);
    id_ = bus_.subscribe(
        filter_, qos_,
        [callback = callback_, filter = filter_](const Message& message) {
          callback({"mqtt.subscribe", filter, message.topic}, [&](lua_State* L) {
            push_message(L, message);
            int count = 1;
            for (const std::string_view part : topic::captures(filter, message.topic)) {
              luaL_checkstack(L, 1, "captures");
              lua_pushlstring(L, part.data(), part.size());
              ++count;
            }
            return count;
          });
        },
        before ? before->id_ : SubscriptionId{});
  }
  std::string key() const override { return "mqtt.subscribe " + filter_; }

 private:
  Bus& bus_;
  const Callback callback_;
  const std::string filter_;
  const int qos_;
  SubscriptionId id_;
};

// mqtt.subscribe(filter, fn [, {qos=}]) -> handle
int mqtt_subscribe(lua_State* L) {
  lua::check_string(L, 1);
  lua::check_function(L, 2);
  lua::Options options(L, 3);
  const int qos = options.qos();
  options.finish();
  std::string filter = check_topic_filter(L, 1);
  Script& script = Script::of(L);
  return push_handle(L, script.registrations().add(std::make_unique<Subscription>(
                            script, Callback(script, L, 2), std::move(filter), qos)));
}

std::optional<Offline> check_offline(lua_State* L, lua::Options& options) {
  if (!options.push("offline")) return std::nullopt;
  lua_pop(L, 1);
  const std::string word = options.string("offline");
  if (word == "drop") return Offline::drop;
  if (word == "queue") return Offline::queue;
  if (word == "latest") return Offline::latest;
  lua::bad_argument(
      L, 3, "option 'offline': \"drop\", \"queue\" or \"latest\" expected, got \"" + word + "\"");
}

int check_least_qos(lua_State* L, lua::Options& options) {
  if (!options.push("least_qos")) return 0;
  const double qos = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
  if (qos != 0 && qos != 1 && qos != 2) {
    lua::bad_argument(L, 3, "option 'least_qos': 0, 1 or 2 expected");
  }
  lua_pop(L, 1);
  return static_cast<int>(qos);
}

// What the options leave open is as the topic's policy has it, if the catalogue knows the topic.
void check_delivery(lua_State* L, lua::Options& options, Publication& publication) {
  Message& message = publication.message;
  const TopicPolicy* policy = Script::of(L).services().bus.policy_of(message.topic);
  message.qos = std::max(options.qos(policy ? policy->qos : 0), check_least_qos(L, options));
  message.retain = options.boolean("retain", policy && policy->retain);
  const Offline without = message.qos > 0 ? Offline::queue : Offline::drop;
  publication.offline = check_offline(L, options).value_or(policy ? policy->offline : without);
}

// MQTT's text: UTF-8, without NUL, at most 65535 bytes (MQTT 5.0, 1.5.4).
std::string check_text(lua_State* L, int index, const char* option) {
  const std::string text(lua::check_string(L, index));
  if (text.size() > 65535 || text.find('\0') != text.npos || !is_utf8(text)) {
    lua::bad_argument(L, 3,
                      fmt::format("option '{}': at most 65535 bytes of UTF-8 text, without NUL, "
                                  "expected",
                                  option));
  }
  return text;
}

std::string read_text(lua_State* L, lua::Options& options, const char* option) {
  options.string(option);  // Raises unless it is one.
  if (!options.push(option)) return {};
  std::string text = check_text(L, -1, option);
  lua_pop(L, 1);
  return text;
}

std::string read_response_topic(lua_State* L, lua::Options& options) {
  std::string topic = options.string("response_topic");
  if (!options.push("response_topic")) return {};
  lua_pop(L, 1);
  const auto valid = topic::check_name(topic);
  if (!valid) lua::bad_argument(L, 3, "option 'response_topic': " + valid.error().message);
  return topic;
}

void read_user_properties(lua_State* L, lua::Options& options, Message& message) {
  if (!options.push("user_properties")) return;
  if (!lua_istable(L, -1)) lua::bad_argument(L, 3, "option 'user_properties': table expected");
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
      lua::bad_argument(L, 3, "option 'user_properties': names and values must be strings");
    }
    message.user_properties.emplace_back(check_text(L, -2, "user_properties"),
                                         check_text(L, -1, "user_properties"));
  }
  lua_pop(L, 1);
}

Publication check_publication(lua_State* L) {
  Publication publication;
  Message& message = publication.message;
  message.topic = check_topic_name(L, 1);
  message.payload = check_payload(L, 2);
  lua::Options options(L, 3);
  check_delivery(L, options, publication);
  message.response_topic = read_response_topic(L, options);
  message.correlation_data = options.string("correlation_data");
  message.content_type = read_text(L, options, "content_type");
  read_user_properties(L, options, message);
  options.finish();
  return publication;
}

int push_refusal(lua_State* L, const std::string& why) {
  lua_pushnil(L);
  lua_pushlstring(L, why.data(), why.size());
  return 2;
}

// Of the topic and the payload that are the arguments.
std::string too_large(lua_State* L, const Bus& bus) {
  const size_t size = check_payload(L, 2).size();
  const TopicPolicy* policy = bus.policy_of(check_topic_name(L, 1));
  return fmt::format("too large ({} > {})", size, policy ? policy->max_size : 0);
}

// mqtt.publish(topic, payload [, {qos=, retain=, offline=, ...}]) -> "sent"|"queued"|"simulated" |
// nil, err
int mqtt_publish(lua_State* L) {
  Publication publication = check_publication(L);
  Script& script = Script::of(L);
  Bus& bus = script.services().bus;
  if (script.registrations().staging()) {
    script.registrations().perform(
        [&bus, publication = std::move(publication)] { bus.publish(publication); });
    lua_pushliteral(L, "queued");
    return 1;
  }
  switch (bus.publish(std::move(publication))) {
    case PublishOutcome::sent:
      lua_pushliteral(L, "sent");
      return 1;
    case PublishOutcome::queued:
      lua_pushliteral(L, "queued");
      return 1;
    case PublishOutcome::simulated:
      lua_pushliteral(L, "simulated");
      return 1;
    case PublishOutcome::rate_limited:
      return push_refusal(L, "rate limited");
    case PublishOutcome::too_large:
      return push_refusal(L, too_large(L, bus));
    case PublishOutcome::dropped:
      break;
  }
  return push_refusal(L,
                      "the queue of outgoing messages is full, or it is too large for the broker");
}

// mqtt.will(topic, payload | nil [, {qos=, retain=, offline=, ...}])
int mqtt_will(lua_State* L) {
  const std::string key = Will::key_of(check_topic_name(L, 1));
  Script& script = Script::of(L);
  auto* const former = static_cast<Will*>(script.registrations().find_by_key(key));
  if (lua_isnil(L, 2)) {
    if (former) former->withdraw();
    return 0;
  }
  Publication publication = check_publication(L);
  if (former) {
    former->change(std::move(publication));
  } else {
    script.registrations().add(
        std::make_unique<Will>(script.services().bus, std::move(publication)));
  }
  return 0;
}

// mqtt.connected() -> boolean
int mqtt_connected(lua_State* L) {
  lua_pushboolean(L, Script::of(L).services().bus.connected());
  return 1;
}

// mqtt.on_connection(fn) -> handle
int mqtt_on_connection(lua_State* L) {
  lua::check_function(L, 1);
  return listen(L, Script::of(L).services().bus.on_connection, 1, "mqtt.on_connection",
                [](lua_State* to, bool up) {
                  lua_pushboolean(to, up);
                  return 1;
                });
}

}  // namespace

void open_mqtt(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"subscribe", lua::entry<mqtt_subscribe>},
                                            {"publish", lua::entry<mqtt_publish>},
                                            {"will", lua::entry<mqtt_will>},
                                            {"connected", lua::entry<mqtt_connected>},
                                            {"on_connection", lua::entry<mqtt_on_connection>},
                                            {nullptr, nullptr}};
  push_module(L, script, "mqtt", kFunctions);
}

}  // namespace engine
