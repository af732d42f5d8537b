#pragma once

// The only include of LuaJIT's headers.
#include <lua.hpp>
