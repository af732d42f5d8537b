#pragma once

namespace engine {

// While one lives, paho's receive thread looks for its socket every millisecond instead of every
// tenth of a second. The thread is started before the socket is made, and where it is the quicker
// of the two (measured: in half of all starts), it naps for 100 ms before it looks again.
// Any thread.
class ShortNaps {
 public:
  ShortNaps();
  ~ShortNaps();
  ShortNaps(const ShortNaps&) = delete;
  ShortNaps& operator=(const ShortNaps&) = delete;
};

}  // namespace engine
