#pragma once

#include <array>

namespace engine {

// What makes each version of the schema from the one before, the first from an empty file. Only
// ever added to: `PRAGMA user_version` counts how many of them a file has seen.
inline constexpr std::array kMigrations = {
    // 1: small things by name: of scripts (store.set), their `state`, the journal of scenes.
    "CREATE TABLE entries (space TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, "
    "PRIMARY KEY (space, key)) STRICT;",
};

}  // namespace engine
