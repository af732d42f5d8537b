#include "core/mqtt/broker_secrets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>
#include <string_view>

#include "core/base/run_program.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

// Only its owner may read it, from its first byte on.
Result<void> write_private(const fs::path& file, const std::string& text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      descriptor >= 0 && ::fchmod(descriptor, 0600) == 0 &&
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (written) return {};
  return fail(fmt::format("{} cannot be written: {}", file.string(), std::strerror(error)));
}

Result<std::string> kept_password(const fs::path& file) {
  std::ifstream kept(file);
  std::string password;
  if (std::getline(kept, password) && !password.empty()) return password;
  password = random_password();
  if (auto written = write_private(file, password + "\n"); !written) {
    return tl::unexpected(written.error());
  }
  return password;
}

Result<void> add_password(const fs::path& file, const std::string& user,
                          const std::string& password) {
  const std::string twice = password + "\n" + password + "\n";
  const auto added = run_program({"mosquitto_passwd", file.string(), user}, twice);
  if (added) return {};
  return fail(fmt::format("user '{}': {}", user, added.error().message));
}

}  // namespace

std::string random_password() {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;  // The kernel's.
  std::uniform_int_distribution<size_t> any(0, kLetters.size() - 1);
  std::string password;
  while (password.size() < 24) password += kLetters[any(random)];
  return password;
}

Result<std::string> write_passwords(const BrokerSettings& settings, const fs::path& folder,
                                    const fs::path& file) {
  const fs::path generated = folder / "passwords";
  std::error_code error;
  fs::create_directories(generated, error);
  fs::permissions(generated, fs::perms::owner_all, error);
  if (auto emptied = write_private(file, ""); !emptied) return tl::unexpected(emptied.error());
  for (const BrokerUser& user : settings.users) {
    Result<std::string> password = user.password;
    if (user.password_file.empty()) password = kept_password(generated / user.name);
    if (!password) return password;
    if (auto added = add_password(file, user.name, *password); !added) {
      return tl::unexpected(added.error());
    }
  }
  std::string own = random_password();
  if (auto added = add_password(file, kOwnBrokerUser, own); !added) {
    return tl::unexpected(added.error());
  }
  return own;
}

}  // namespace engine
