// How fast messages reach handlers in the process, without a broker. Prints one JSON object.
#include <spdlog/sinks/null_sink.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "bindings/rehearsal/rehearsal.h"

namespace {

using namespace engine;

// One handler is called; the others have topics beside it.
std::string script(int subscriptions) {
  return "local count = 0\n"
         "mqtt.subscribe('bench/in', function(msg) count = count + #msg.payload end)\n"
         "for number = 2, " +
         std::to_string(subscriptions) +
         " do\n"
         "  mqtt.subscribe('bench/' .. number % 100 .. '/' .. number, print)\n"
         "end\n";
}

// Of processor time, so that what else the machine does is left out.
double call_nanoseconds(Bus& bus, int calls) {
  const Message message{.topic = "bench/in", .payload = R"({"n":1,"temperature":21.5})"};
  const std::clock_t began = std::clock();
  for (int i = 0; i < calls; ++i) bus.deliver(message);
  return 1e9 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC / calls;
}

}  // namespace

int main(int argc, char** argv) {
  int subscriptions = 1, calls = 1'000'000;
  CLI::App app{"Delivers messages to one handler of a script with many."};
  app.add_option("--subscriptions", subscriptions, "How many the script has");
  app.add_option("--calls", calls, "How many messages");
  CLI11_PARSE(app, argc, argv);
  try {
    Logs logs({std::make_shared<spdlog::sinks::null_sink_mt>()});
    ScriptOptions options;
    options.memory_cap_bytes = 1024ULL * 1024 * 1024;
    options.budget = std::chrono::seconds{60};
    Rehearsal rehearsal(logs, {.scripts = options});
    const auto file = std::filesystem::temp_directory_path() /
                      ("bench_dispatch_" + std::to_string(subscriptions) + ".lua");
    std::ofstream(file) << script(subscriptions);
    const auto loaded = rehearsal.host.add(file.string());
    std::filesystem::remove(file);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    call_nanoseconds(rehearsal.bus, calls / 10);
    std::cout << nlohmann::json{{"nanoseconds", call_nanoseconds(rehearsal.bus, calls)}}.dump()
              << "\n";
  } catch (const std::exception& e) {
    std::cerr << "bench_dispatch: " << e.what() << "\n";
    return 1;
  }
}
