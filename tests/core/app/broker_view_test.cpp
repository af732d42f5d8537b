#include <nlohmann/json.hpp>

#include "core/app/ctl_views.h"
#include "tests/support/catch.h"

using namespace engine;
using nlohmann::json;

namespace {

const json kOwn = {{"own", true},
                   {"running", true},
                   {"url", "ssl://0.0.0.0:8883"},
                   {"websockets_url", "wss://0.0.0.0:9001"},
                   {"authority", "/state/broker/tls/ca.crt"},
                   {"pid", 42},
                   {"connected", true},
                   {"users", {{{"name", "lamp"}, {"confined", true}}, {{"name", "free"}}}},
                   {"link", {{"sent", 12}, {"received", 3}, {"dropped", 1}, {"reconnects", 2}}},
                   {"counters",
                    {{"version", "mosquitto version 2.0.11"},
                     {"uptime", 180},
                     {"clients", 5},
                     {"clients_most", 7},
                     {"memory", 1048576},
                     {"memory_most", 2097152},
                     {"received_per_second", 12.34},
                     {"sent_per_second", 24}}}};

}  // namespace

TEST_CASE("broker view: our own") {
  CHECK(broker_view(kOwn, {}) ==
        "ssl://0.0.0.0:8883, wss://0.0.0.0:9001: our own, pid 42, connected\n"
        "certificate by /state/broker/tls/ca.crt\n"
        "users: lamp (confined), free\n"
        "this engine: 12 sent, 3 received, 1 dropped, 0 wait, 2 reconnects\n"
        "mosquitto version 2.0.11, up 3 min\n"
        "BROKER            NOW    MOST\n"
        "clients             5       7\n"
        "memory         1.0 MB  2.0 MB\n"
        "messages in    12.3/s\n"
        "messages out   24.0/s\n"
        "dropped             0\n"
        "retained            0\n"
        "subscriptions       0\n");
}

TEST_CASE("broker view: others', none, one that does not run, and nonsense") {
  CHECK(broker_view({{"own", false}, {"url", "tcp://x:1883"}, {"connected", false}}, {}) ==
        broker_view({{"own", false}, {"url", "tcp://x:1883"}}, {}));
  CHECK(broker_view({{"own", false}, {"url", "tcp://x:1883"}, {"connected", true}}, {})
            .starts_with("tcp://x:1883, which others run: connected\n"));
  CHECK(broker_view({{"own", false}, {"url", nullptr}}, {}).starts_with("no broker: "));
  json stopped = kOwn;
  stopped["running"] = false;
  CHECK(broker_view(stopped, {}).starts_with("ssl://0.0.0.0:8883, our own: it does not run\n"));
  CHECK_NOTHROW(broker_view({{"users", 7}, {"link", "x"}, {"counters", {{"version", 1}}}}, {}));
}
