#pragma once

#include <array>

namespace engine {

// What makes each version of the schema from the one before, the first from an empty file. Only
// ever added to: `PRAGMA user_version` counts how many of them a file has seen.
inline constexpr std::array kMigrations = {
    // 1: small things by name: of scripts (store.set), their `state`, the journal of scenes.
    "CREATE TABLE entries (space TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, "
    "PRIMARY KEY (space, key)) STRICT;",
    // 2: messages on their way to the broker. Milliseconds; `time` since 1970, no `max_age` is 0.
    "CREATE TABLE outgoing (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, max_age INTEGER NOT "
    "NULL, topic BLOB NOT NULL, payload BLOB NOT NULL, qos INTEGER NOT NULL, retain INTEGER NOT "
    "NULL, latest INTEGER NOT NULL, properties BLOB) STRICT;",
    // 3: history. Times are unix seconds; `keep` is seconds, null for ever; `data` is JSON.
    "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, keep REAL) STRICT;"
    "CREATE TABLE points (series INTEGER NOT NULL, time REAL NOT NULL, value REAL NOT NULL, "
    "PRIMARY KEY (series, time)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE runs (kind TEXT NOT NULL, id INTEGER NOT NULL, time REAL NOT NULL, "
    "data TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT;"
    "CREATE INDEX runs_by_time ON runs (kind, time, id);",
};

}  // namespace engine
