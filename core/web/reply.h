#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace engine::web {

struct Request {
  std::string method = {};
  std::vector<std::string> path = {};  // Its segments, decoded.
  std::map<std::string, std::string> query = {};
  std::string body = {};
};

// A body that is made piece by piece, so that a long one keeps the engine thread for a moment only.
class Source {
 public:
  virtual ~Source() = default;
  enum class Next {
    piece,  // One was appended.
    later,  // Nothing for now: ask again.
    end,
  };
  virtual Next next(std::string& out) = 0;
};

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
  std::unique_ptr<Source> source = nullptr;  // Instead of `body`.
  std::string allow = {};                    // Methods, with status 405.
};

// Why a request was not done: an HTTP status, and words for the user.
struct Refusal {
  int status = 400;
  std::string message;
};
using Outcome = tl::expected<nlohmann::json, Refusal>;

inline tl::unexpected<Refusal> refuse(int status, std::string message) {
  return tl::unexpected<Refusal>({status, std::move(message)});
}

// Text that is not UTF-8 is shown with replacement characters.
inline std::string to_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

inline Reply error_reply(int status, const std::string& message) {
  return {.status = status, .body = to_text({{"error", message}})};
}

}  // namespace engine::web
