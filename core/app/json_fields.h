#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace engine {

// Fields of an object that somebody else has made; of another type they are as good as missing.
inline std::string text_of(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string{};
}

inline double number_of(const nlohmann::json& object, const char* name, double otherwise = 0) {
  const auto field = object.find(name);
  return field != object.end() && field->is_number() ? field->get<double>() : otherwise;
}

inline bool flag_of(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && field->is_boolean() && field->get<bool>();
}

inline bool has(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && !field->is_null();
}

// An empty array when there is none.
inline const nlohmann::json& list_of(const nlohmann::json& object, const char* name) {
  static const nlohmann::json kNone = nlohmann::json::array();
  const auto field = object.find(name);
  return field != object.end() && field->is_array() ? *field : kNone;
}

}  // namespace engine
