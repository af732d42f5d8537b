#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/bus/link.h"

namespace engine::test {

// A broker connection that only notes what it is asked.
class FakeLink final : public Link {
 public:
  bool connected() const override { return up; }
  PublishOutcome publish(Publication publication) override {
    published.push_back(publication.message.topic + "=" + publication.message.payload);
    offline.push_back(publication.offline);
    deliveries.push_back(std::move(publication.on_delivery));
    return up ? PublishOutcome::sent : when_down;
  }
  void subscribe(const std::string& filter, int qos, uint32_t id) override {
    ids[filter] = id;
    log += "sub " + filter + " " + std::to_string(qos) + ";";
  }
  void unsubscribe(const std::string& filter) override { log += "unsub " + filter + ";"; }

  bool up = true;
  PublishOutcome when_down = PublishOutcome::queued;
  std::string log;
  std::map<std::string, uint32_t> ids;
  std::vector<std::string> published;
  std::vector<Offline> offline;  // Of what was published.
  std::vector<std::function<void(bool delivered)>> deliveries;
};

}  // namespace engine::test
