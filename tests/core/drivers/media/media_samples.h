#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace engine::test {

// A WAV file of silence: 8 bit, one channel, 8000 samples a second.
inline std::string silent_wav(std::chrono::milliseconds length) {
  constexpr uint32_t kRate = 8000;
  const auto little_endian = [](uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
  };
  const auto samples = static_cast<uint32_t>(length.count() * kRate / 1000);
  return "RIFF" + little_endian(36 + samples, 4) + "WAVEfmt " + little_endian(16, 4) +
         little_endian(1, 2) + little_endian(1, 2) + little_endian(kRate, 4) +
         little_endian(kRate, 4) + little_endian(1, 2) + little_endian(8, 2) + "data" +
         little_endian(samples, 4) + std::string(samples, '\x80');
}

// A clip of grey pictures without sound, 25 a second, in the plainest of formats (YUV4MPEG2): mpv
// goes by what is in a file, not by its name.
inline std::string grey_clip(int pictures) {
  std::string clip = "YUV4MPEG2 W16 H16 F25:1 Ip C420jpeg\n";
  for (int i = 0; i < pictures; ++i) clip += "FRAME\n" + std::string(16 * 16 * 3 / 2, '\x80');
  return clip;
}

}  // namespace engine::test
