#pragma once

#include <optional>
#include <string>
#include <utility>

#include "bindings/rehearsal/check/outline.h"

namespace engine::checking {

// Where an error is that a script's own text has caused.
struct Place {
  Position at;
  // What to leave out of the source so that the rest can be tried: offsets. Nothing where that
  // would only cause other errors.
  std::optional<std::pair<size_t, size_t>> culprit;
  std::string key;  // Of the option that it is, if it is one.
  // What the message calls `cue 4`: that text, and where the element is.
  std::string element;
  Position element_at;
};

// Errors name the line of a call. Within the call's tables this finds what the message speaks of:
// `scene 'ghost': cue 3: unknown option 'confrm'`, `bad argument #3 to 'subscribe' (...)`.
Place locate(const Outline& outline, int line, const std::string& message);

// Which element of its list the table at `at` is, from 1; 0: none.
size_t number_of(const Outline& outline, Position at);

}  // namespace engine::checking
