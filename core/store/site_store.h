#pragma once

#include <memory>
#include <utility>

#include "core/store/journal.h"
#include "core/store/key_value.h"
#include "core/store/runs.h"
#include "core/store/store.h"
#include "core/store/time_series.h"

namespace engine {

// What one site keeps beyond the engine's end.
struct SiteStore {
  SiteStore(std::unique_ptr<Store> opened, Timers& timers)
      : store(std::move(opened)),
        values(*store, "store"),
        states(*store, "state", {.value = 16 * 1024 * 1024}),
        reports(*store, "reports"),
        scenes(*store, "scenes"),
        journal(*store, timers),
        series(*store, timers),
        runs(*store) {}

  const std::unique_ptr<Store> store;
  KeyValue values;   // What scripts store by name.
  KeyValue states;   // `state` of each script, by its path.
  KeyValue reports;  // Topics on which a report of ours is retained.
  KeyValue scenes;   // The same for the states of scenes.
  Journal journal;
  TimeSeries series;
  Runs runs;
};

}  // namespace engine
