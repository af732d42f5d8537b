// Small texts from outside: addresses, targets of HTTP requests, commands for the players, lines
// that mpv writes, words of devices.
#include "core/base/utf8.h"
#include "core/config/broker_address.h"
#include "core/config/listen_address.h"
#include "core/drivers/media/media_command.h"
#include "core/drivers/media/mpv_protocol.h"
#include "core/feedback/feedback_rules.h"
#include "core/mqtt/broker_url.h"
#include "core/web/access.h"
#include "core/web/target.h"
#include "tests/fuzz/fuzzer.h"

namespace engine::fuzz {
namespace {

void address(const std::string& text) {
  if (const auto normal = normal_broker_address(text)) {
    const auto again = normal_broker_address(*normal);
    expect(again && *again == *normal, "a normal address stays", *normal);
    expect(parse_broker_url(*normal).has_value(), "a normal address can be used", *normal);
  }
  if (const auto url = parse_broker_url(text)) {
    const auto again = parse_broker_url(url->canonical());
    expect(again && again->canonical() == url->canonical(), "a canonical URL stays", text);
  }
  if (const auto listen = parse_listen(text)) {
    expect(listen->port >= 0 && listen->port <= 65535, "a port is one", text);
  }
  (void)web::is_loopback_name(text);
}

void target(const std::string& text) {
  web::Request request;
  if (!web::read_target(text, request)) return;
  std::string again;
  for (const std::string& segment : request.path) again += "/" + web::percent_encoded(segment);
  for (const auto& [name, value] : request.query) {
    again += again.find('?') == again.npos ? "?" : "&";
    again += web::percent_encoded(name) + "=" + web::percent_encoded(value);
  }
  web::Request second;
  expect(web::read_target(again, second).has_value(), "an encoded target can be read", again);
  expect(second.path == request.path && second.query == request.query, "a target stays", again);
}

void media(const std::string& text) {
  for (const MediaKind kind : {MediaKind::audio, MediaKind::video}) {
    const auto command = parse_media_command(kind, text);
    if (!command) {
      expect(is_utf8(command.error().message), "an error is text");
    } else if (const auto* play = std::get_if<PlayFile>(&*command)) {
      expect(has_extension_of(kind, play->file), "a file is of its kind", play->file);
      expect(play->file.find("..") == play->file.npos || play->file[0] != '/', "it stays inside",
             play->file);
      expect(!play->volume || (*play->volume >= 0 && *play->volume <= 1), "a volume is one", text);
    }
  }
}

}  // namespace

void one_input(std::string_view input) {
  const std::string text(input);
  address(text);
  target(text);
  media(text);
  (void)mpv::decode(text);
  (void)FeedbackRules().verdict(text);
  (void)FeedbackRules().feedback_topics(text);
}

}  // namespace engine::fuzz
