#include "core/mqtt/paho_messages.h"

#include <string>
#include <tuple>

namespace engine {
namespace {

std::string text(const mqtt::properties& properties, mqtt::property::code code) {
  return properties.contains(code) ? mqtt::get<std::string>(properties, code) : std::string();
}

void add(mqtt::properties& properties, mqtt::property::code code, const std::string& value) {
  if (!value.empty()) properties.add({code, mqtt::string_ref(value)});
}

}  // namespace

Message from_paho(const mqtt::message& from) {
  Message message;
  message.topic = from.get_topic();
  if (from.get_payload_ref()) message.payload = from.get_payload_ref().str();
  message.qos = from.get_qos();
  message.retain = from.is_retained();
  message.duplicate = from.is_duplicate();
  const mqtt::properties& properties = from.get_properties();
  if (properties.empty()) return message;
  message.response_topic = text(properties, mqtt::property::RESPONSE_TOPIC);
  message.correlation_data = text(properties, mqtt::property::CORRELATION_DATA);
  message.content_type = text(properties, mqtt::property::CONTENT_TYPE);
  for (size_t i = 0; i < properties.count(mqtt::property::SUBSCRIPTION_IDENTIFIER); ++i) {
    message.subscription_ids.push_back(
        mqtt::get<uint32_t>(properties, mqtt::property::SUBSCRIPTION_IDENTIFIER, i));
  }
  for (size_t i = 0; i < properties.count(mqtt::property::USER_PROPERTY); ++i) {
    auto [name, value] = mqtt::get<mqtt::string_pair>(properties, mqtt::property::USER_PROPERTY, i);
    message.user_properties.emplace_back(std::move(name), std::move(value));
  }
  return message;
}

mqtt::message_ptr to_paho(const Message& from, int version) {
  auto message = mqtt::message::create(from.topic, from.payload, from.qos, from.retain);
  if (version < 5) return message;
  mqtt::properties properties;
  add(properties, mqtt::property::RESPONSE_TOPIC, from.response_topic);
  add(properties, mqtt::property::CORRELATION_DATA, from.correlation_data);
  add(properties, mqtt::property::CONTENT_TYPE, from.content_type);
  for (const auto& [name, value] : from.user_properties) {
    properties.add(
        {mqtt::property::USER_PROPERTY, mqtt::string_ref(name), mqtt::string_ref(value)});
  }
  if (!properties.empty()) message->set_properties(std::move(properties));
  return message;
}

}  // namespace engine
