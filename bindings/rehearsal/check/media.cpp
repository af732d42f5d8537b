#include "core/drivers/media/media.h"

#include <set>
#include <variant>

#include "bindings/rehearsal/check/text_checks.h"
#include "core/drivers/media/media_command.h"
#include "core/drivers/media/media_files.h"

namespace engine::checking {
namespace {

// What is listened for is not played.
bool listens(const CallText& call) {
  static const std::set<std::string> kListeners = {"wait_for", "wait_any", "subscribe", "on_end",
                                                   "expect",   "inject",   "playing"};
  return kListeners.count(call.name) > 0;
}

class MediaCheck {
 public:
  MediaCheck(const std::string& path, const std::vector<std::filesystem::path>& folders)
      : path_(path), files_(folders) {}

  // The tables in which topics and payloads are those of messages that come in.
  void pass_over(const Value& value) {
    if (!value.table || !passed_over_.insert(value.table.get()).second) return;
    for (const TableText::Item& item : value.table->items) pass_over(item.value);
  }

  void check_table(const TableText& table) {
    if (passed_over_.count(&table) > 0) return;
    const Value* before = nullptr;
    for (const TableText::Item& item : table.items) {
      if (!item.key.empty()) continue;
      if (before) check_pair(*before, item.value);
      before = &item.value;
    }
  }

  void check_call(const CallText& call) {
    if (listens(call)) return;
    for (size_t i = 1; i < call.arguments.size(); ++i) {
      check_pair(call.arguments[i - 1], call.arguments[i]);
    }
    check_teller(call);
  }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  // s:play "whisper.mp3", s:video "ghost.mp4".
  void check_teller(const CallText& call) {
    const bool method = call.function.find(':') != std::string::npos;
    if (!method || call.arguments.empty()) return;
    const Value& file = call.arguments.front();
    if (file.kind != Value::Kind::text) return;
    const MediaKind kind = call.name == "video" ? MediaKind::video : MediaKind::audio;
    const bool plays = call.name == "play" || call.name == "start" || call.name == "video";
    if (plays && has_extension_of(kind, file.text)) {
      check_found(file, "media-file", files_.find(kind, file.text));
    }
  }

  void check_pair(const Value& topic, const Value& payload) {
    const bool texts = topic.kind == Value::Kind::text && payload.kind == Value::Kind::text;
    if (!texts) return;
    const bool audio = is_audio_topic(topic.text);
    if (!audio && !is_video_topic(topic.text)) return;
    const MediaKind kind = audio ? MediaKind::audio : MediaKind::video;
    const auto command = parse_media_command(kind, payload.text);
    check_found(payload, "media-command", command);
    if (!command) return;
    if (const auto* play = std::get_if<PlayFile>(&*command)) {
      check_found(payload, "media-file", files_.find(kind, play->file));
    } else if (const auto* by_name = std::get_if<PlayByName>(&*command)) {
      check_found(payload, "media-file", files_.find_by_name(kind, by_name->name));
    }
  }

  template <typename T>
  void check_found(const Value& value, const char* code, const Result<T>& result) {
    if (result) return;
    findings_.push_back({path_, value.at, Finding::Severity::error, code, result.error().message});
  }

  const std::string& path_;
  const MediaFiles files_;
  std::set<const TableText*> passed_over_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_media(const std::string& path, const Outline& outline,
                                 const std::vector<std::filesystem::path>& folders) {
  MediaCheck check(path, folders);
  for (const CallText& call : outline.calls) {
    if (!listens(call)) continue;
    for (const Value& value : call.arguments) check.pass_over(value);
  }
  for (const auto& table : outline.tables) {
    for (const char* key : {"trigger", "message"}) {
      if (const auto* item = table->find(key)) check.pass_over(item->value);
    }
  }
  for (const auto& table : outline.tables) check.check_table(*table);
  for (const CallText& call : outline.calls) check.check_call(call);
  return check.take();
}

}  // namespace engine::checking
