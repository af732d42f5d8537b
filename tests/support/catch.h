#pragma once

// Catch2 v2 (Debian 12) has one header, v3 (Debian 13) another.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
