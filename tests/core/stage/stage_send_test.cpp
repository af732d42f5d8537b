#include "tests/core/stage/stage_fixture.h"

using namespace engine;
using namespace std::chrono_literals;
using How = Stage::Sent::How;

namespace {

struct Fixture : test::StageFixture {
  SceneId ghost = add("ghost");
  PerformanceId performance = begin(ghost);
  uint64_t token = 0;

  Stage::Sent send(Cue cue) { return stage.send(performance, ++token, 2.5, cue); }
  Stage::Sent send(const std::string& topic, const std::string& payload) {
    return send({.topic = topic, .payload = payload});
  }
  PerformanceReport so_far() { return *stage.list()[0].running; }
  std::string taken() { return std::exchange(control(ghost).log, {}); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a cue goes out with its quality of service and retain flag") {
  CHECK(send({.topic = "room1/light", .payload = "ON", .qos = 2, .retain = true}).how == How::sent);
  CHECK(outgoing.back().qos == 2);
  CHECK(outgoing.back().retain);
  CHECK(scene_lines().back() == "[INFO] scene - [2.5s] room1/light = ON");
}

TEST_CASE_METHOD(Fixture, "the feedback topics are subscribed before the cue is sent") {
  std::string subscribed_before;
  bus.on_outgoing = [&](const Message&) { subscribed_before = link.log; };
  send("room1/light", "ON");
  CHECK(subscribed_before.find("sub room1/status 1;sub room1/light/feedback 1;") !=
        std::string::npos);
}

TEST_CASE_METHOD(Fixture, "the scene hears what became of a cue that it waits for") {
  CHECK(send("room1/light", "ON").pending);
  CHECK(send("room1/motor", "START").pending);
  CHECK(send({.topic = "room1/steam", .payload = "ON", .confirm = 3s}).pending);
  answer("room1/status", "OK");
  answer("room1/status", "ERROR");
  tick(1s);
  CHECK(taken() == "1 confirmed;2 error;");
  tick(2s);
  CHECK(taken() == "3 timeout;");
  CHECK(so_far().sent == 3);
  CHECK(so_far().confirmed == 1);
  CHECK(so_far().failed == 1);
  CHECK(so_far().timed_out == 1);
}

TEST_CASE_METHOD(Fixture, "a cue that is not to be confirmed is not waited for") {
  CHECK_FALSE(
      send({.topic = "room1/light", .payload = "ON", .confirmed_by_device = false}).pending);
  CHECK(outgoing.back().correlation_data.empty());
  CHECK(feedback.pending().empty());
  CHECK(so_far().sent == 1);
}

TEST_CASE_METHOD(Fixture, "cues that wait carry correlation data, each its own") {
  send("room1/light", "ON");
  send("room1/motor", "START");
  REQUIRE(outgoing.size() == 2);
  CHECK_FALSE(outgoing[0].correlation_data.empty());
  CHECK(outgoing[0].correlation_data != outgoing[1].correlation_data);
  answer("room1/status", "OK", outgoing[1].correlation_data);
  CHECK(taken() == "2 confirmed;");
  answer("room1/status", "OK", outgoing[0].correlation_data);
  CHECK(taken() == "1 confirmed;");
}

TEST_CASE_METHOD(Fixture, "audio and video are played here, not sent") {
  const auto sent = send("room1/audio", "PLAY:welcome.mp3:0.7");
  CHECK(sent.how == How::played);
  CHECK_FALSE(sent.pending);
  send("room1/video", "PLAY_VIDEO:ghost2.mp4");
  CHECK(media.commands ==
        Lines{"room1/audio=PLAY:welcome.mp3:0.7", "room1/video=PLAY_VIDEO:ghost2.mp4"});
  CHECK(link.published.empty());
  CHECK(so_far().sent == 2);
  CHECK(send("room1/audio/volume", "5").how == How::sent);
}

TEST_CASE_METHOD(Fixture, "media that cannot be played is a warning, and the scene goes on") {
  CHECK(send("room1/audio", "missing.mp3").how == How::failed);
  CHECK(logs.has("[WARNING] media - room1/audio = missing.mp3: no file 'missing.mp3'"));
  CHECK(so_far().failed == 1);
  CHECK(so_far().sent == 0);
  CHECK(send("room1/light", "ON").how == How::sent);
}

TEST_CASE_METHOD(Fixture, "while the link is down cues are simulated, and never sent late") {
  link.up = false;
  const auto sent = send("room1/light", "ON");
  CHECK(sent.how == How::simulated);
  CHECK_FALSE(sent.pending);
  CHECK(scene_lines().back() == "[INFO] scene - [2.5s] room1/light = ON (simulation)");
  CHECK(so_far().simulated == 1);
  CHECK(so_far().sent == 0);
  CHECK(feedback.pending().empty());
  link.up = true;
  tick(5s);
  CHECK(link.published.empty());
}

TEST_CASE_METHOD(Fixture, "without a broker devices in this process may confirm") {
  bus.attach(nullptr);
  bus.subscribe("room1/light", 0, [&](const Message& message) {
    bus.publish({.message = {.topic = "room1/status",
                             .payload = "OK",
                             .correlation_data = message.correlation_data}});
  });
  const auto sent = send("room1/light", "ON");
  CHECK(sent.how == How::sent);
  CHECK(sent.pending);
  CHECK(scene_lines().back() == "[INFO] scene - [2.5s] room1/light = ON (simulation)");
  tick(10ms);
  CHECK(taken() == "1 confirmed;");
  CHECK(so_far().all_confirmed());
}

TEST_CASE_METHOD(Fixture, "a cue that is not one is refused with the reason") {
  CHECK(send("room1/+", "ON").how == How::failed);
  CHECK(
      logs.has("[WARNING] scene - [2.5s] room1/+ = ON was refused: topic 'room1/+' has a "
               "wildcard: only subscriptions may"));
  CHECK(send("", "ON").how == How::failed);
  CHECK(send(std::string("a\0b", 3), "ON").how == How::failed);
  CHECK(send("\xff", "ON").how == How::failed);
  CHECK(send(std::string(70'000, 'x'), "ON").how == How::failed);
  CHECK(send({.topic = "room1/light", .payload = "ON", .qos = 3}).how == How::failed);
  CHECK(so_far().failed == 6);
  CHECK(link.published.empty());
  CHECK(feedback.pending().empty());
}

TEST_CASE_METHOD(Fixture, "a payload larger than MQTT can carry is refused") {
  CHECK(send("room1/light", std::string(size_t{256} << 20, 'x')).how == How::failed);
  CHECK(logs.has("a payload of 268435456 bytes is too large"));
  CHECK(scene_lines().back().size() < 600);
}

TEST_CASE_METHOD(Fixture, "a payload is bytes, and short and printable in the log") {
  const std::string bytes("\0\xff\n", 3);
  send("room1/light", bytes);
  CHECK(outgoing.back().payload == bytes);
  CHECK(scene_lines().back() == "[INFO] scene - [2.5s] room1/light = \\x00\\xff\\x0a");
  send("room1/light", std::string(1 << 20, 'x'));
  CHECK(scene_lines().back().size() < 400);
}

TEST_CASE_METHOD(Fixture, "a cue after the end of its scene is not sent") {
  stage.end(performance, EndReason::finished);
  CHECK(send("room1/light", "ON").how == How::failed);
  CHECK(link.published.empty());
  CHECK(scene_lines().back() ==
        "[WARNING] scene - [2.5s] room1/light = ON was not sent: its scene has ended");
}

TEST_CASE_METHOD(Fixture, "nor is one that comes while its scene is told that it ends") {
  send("room1/light", "ON");
  Stage::Sent late{How::sent, true};
  control(ghost).on_settled = [&] { late = send("room1/motor", "START"); };
  stage.end(performance, EndReason::finished);
  CHECK(late.how == How::failed);
  CHECK(link.published == Lines{"room1/light=ON"});
}

TEST_CASE_METHOD(Fixture, "the player may end the performance that it plays for") {
  media.on_command = [&] { stage.end(performance, EndReason::stopped); };
  CHECK(send("room1/audio", "bg.mp3").how == How::played);
  CHECK(send("room1/audio", "bg.mp3").how == How::failed);
}

TEST_CASE_METHOD(Fixture, "the player may interfere while safety cues are sent") {
  stage.protect(performance, {{.topic = "room1/audio", .payload = "STOP"},
                              {.topic = "room1/steam", .payload = "OFF"}});
  media.on_command = [&] {
    stage.abandon(performance);
    stage.end(performance, EndReason::finished);
    CHECK_FALSE(stage.begin(ghost, {}));
    stage.remove(ghost);
  };
  stage.abandon(performance);
  CHECK(link.published == Lines{"room1/steam=OFF"});
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].reason == EndReason::failed);
}

TEST_CASE_METHOD(Fixture, "an outcome may start the next performance") {
  send("room1/light", "ON");
  PerformanceId next;
  control(ghost).on_settled = [&] {
    stage.end(performance, EndReason::finished);
    next = begin(ghost);
    CHECK(stage.send(next, 9, 0, {.topic = "room1/motor", .payload = "START"}).pending);
  };
  answer("room1/status", "OK");
  CHECK(ended[0].confirmed == 1);
  CHECK(feedback.pending().size() == 1);
  control(ghost).on_settled = {};
  tick(1s);
  CHECK(taken() == "1 confirmed;9 timeout;");
}

TEST_CASE_METHOD(Fixture, "what a scene says of itself is logged with its position") {
  stage.note(performance, 8.04, "now the fog should be thick");
  CHECK(scene_lines().back() == "[INFO] scene - [8.0s] now the fog should be thick");
}

namespace {

// A broker connection that is up but takes nothing more.
struct FullLink final : Link {
  bool connected() const override { return true; }
  PublishOutcome publish(Publication) override { return PublishOutcome::dropped; }
  void subscribe(const std::string&, int, uint32_t) override {}
  void unsubscribe(const std::string&) override {}
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "a cue that the connection does not take has failed, and is not waited for") {
  FullLink full;
  bus.attach(&full);
  const auto sent = send("room1/light", "ON");
  CHECK(sent.how == How::failed);
  CHECK_FALSE(sent.pending);
  CHECK(so_far().failed == 1);
  CHECK(
      logs.has("[2.5s] room1/light = ON was not sent: the connection to the broker takes no more"));
  tick(2s);
  CHECK(taken().empty());
  bus.attach(nullptr);
}
