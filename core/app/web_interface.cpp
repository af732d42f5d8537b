#include "core/app/web_interface.h"

#include <utility>

#include "core/config/listen_address.h"

namespace engine {

WebInterface::WebInterface(Loop& loop, Logs& logs, const Config& config, web::Api::Parts parts)
    : config_(config.web),
      log_(logs.get("engine")),
      api_(std::move(parts)),
      server_(loop.io(), loop.timers(),
              [this](const web::Request& request) { return api_.handle(request); }) {}

void WebInterface::start(const std::filesystem::path& socket) {
  if (const auto listening = server_.listen(socket); !listening) {
    log_.warn("engine ctl will not find this engine: {}", listening.error().message);
  }
  const auto address = parse_listen(config_.listen);
  if (!address) return;
  const auto port = server_.listen(address->host, address->port, config_.token);
  if (port) {
    log_.info("web interface on http://{}:{}", address->host, *port);
  } else {
    log_.error("{}", port.error().message);
  }
}

}  // namespace engine
