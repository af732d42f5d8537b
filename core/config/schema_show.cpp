#include <utility>

#include "core/config/checks.h"
#include "core/config/schema_sections.h"
#include "core/config/section.h"

namespace engine::config {

void add_feedback(Schema& schema) {
  Section<FeedbackRules> s(
      schema, "feedback", [](Config& c) -> FeedbackRules& { return c.feedback; },
      "How devices confirm the commands of scenes.");
  s.live();
  s.key("timeout", &FeedbackRules::timeout, seconds(0.001, kDay),
        "How long a device may take, where the cue does not say (confirm = seconds).");
  s.key("success", &FeedbackRules::success, texts(check_not_empty, "a list of payloads"),
        "Payloads that confirm, in any case.");
  s.key("failure", &FeedbackRules::failure, texts(check_not_empty, "a list of payloads"),
        "Payloads that report an error.");
  s.key("unconfirmed_levels", &FeedbackRules::unconfirmed_levels,
        texts(check_level_name, "a list of topic levels"),
        "Topics with one of these levels are not confirmed.");
  s.key(
      "rules", &FeedbackRules::rules,
      list_of(feedback_rule(), "a list of rules, [[feedback.rules]]", true),
      "Where the confirmation of a command comes; the first rule that matches counts. A level may\n"
      "end in *. {1} {2} ... are what the wildcard levels stood for, {topic} is the command's "
      "topic,\n"
      "{parent} that without its last level. Can also be written as [[feedback.rules]] tables.");
}

void add_devices(Schema& schema) {
  Section<DeviceOptions> s(
      schema, "devices", [](Config& c) -> DeviceOptions& { return c.devices; },
      "Which devices are there, by what they say: online, offline, updating.");
  s.key("status_filters", &DeviceOptions::status_filters,
        texts(check_status_filter, "a list of topic filters"),
        "Where they say it; the + is the device's id.");
  s.key("timeout", &DeviceOptions::timeout, seconds_or_none(30 * kDay),
        "A device that is silent for so long counts as offline. 0: never.");
}

void add_topics(Schema& schema) {
  using Topics = Config::Topics;
  Section<Topics> s(
      schema, "topics", [](Config& c) -> Topics& { return c.topics; },
      "The catalogue of topics: how each is sent, limited and kept. See docs/topic-catalogue.md.");
  s.live();
  s.key("files", &Topics::files, paths(), "Of two definitions that match, the first one counts.");
  s.key("folders", &Topics::folders, paths(), "Folders of which every *.toml file is read.");
  s.key(
      "namespace", &Topics::topic_namespace, text(check_namespace),
      "What all topics of the catalogue begin with here: \"lawnberry\" for lawnberry/sensors/...\n"
      "With none: what the files say.");
  s.key("max_decompressed", &Topics::max_decompressed, integer(1, 268'435'455, "a size in bytes"),
        "A compressed message that would become larger is taken as it came.");
}

void add_media(Schema& schema) {
  using Media = Config::Media;
  Section<Media> s(
      schema, "media", [](Config& c) -> Media& { return c.media; },
      "Sound and video, played here by mpv: topics that end in /audio and /video.");
  s.live();
  s.key("folders", &Media::folders, paths(),
        "Where the files are, searched in order, after the folder of the scene.");
  s.live(false);
  s.key("audio", &Media::audio, text(check_output),
        "\"auto\", \"null\" for silence, or an audio output of mpv's (alsa, pulse, pipewire ...).");
  s.key("video", &Media::video, text(check_output),
        "\"auto\", \"null\" for no picture, \"off\" for no video at all, or a video output of "
        "mpv's.");
  s.key("fullscreen", &Media::fullscreen, flag(), "Video fills the screen.");
  s.key("default_volume", &Media::default_volume, number(0, 1, "a volume"),
        "For sound that is played without one, 0 to 1.");
}

void add_simulate(Schema& schema) {
  using Simulate = Config::Simulate;
  Section<Simulate> s(
      schema, "simulate", [](Config& c) -> Simulate& { return c.simulate; },
      "Virtual devices that answer commands as real ones would (also: engine --simulate).");
  s.live();
  s.key("enabled", &Simulate::enabled, flag(), "Whether they are there.");
  s.computed<std::pair<Duration, Duration>>(
      "delay", seconds_range(3'600),
      [](Config& c) { return std::pair(c.simulate.delay_min, c.simulate.delay_max); },
      [](Config& c, const std::pair<Duration, Duration>& delay) {
        std::tie(c.simulate.delay_min, c.simulate.delay_max) = delay;
      },
      "How long they take to confirm: shortest and longest.");
  s.key("failure_probability", &Simulate::failure_probability, number(0, 1, "a probability"),
        "How often one answers ERROR or nothing, 0 to 1.");
  s.key("devices", &Simulate::devices, texts(check_level_name, "a list of device ids"),
        "The devices that announce themselves.");
}

}  // namespace engine::config
