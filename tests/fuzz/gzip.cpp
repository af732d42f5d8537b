// Compressed payloads: never more than the bound, and what is compressed comes back.
#include "core/topics/gzip.h"

#include "tests/fuzz/fuzzer.h"

namespace engine::fuzz {

// Two bytes that give the bound, then what somebody has sent.
void one_input(std::string_view input) {
  if (input.size() < 2) return;
  const size_t most =
      (static_cast<unsigned char>(input[0]) << 8U) | static_cast<unsigned char>(input[1]);
  input.remove_prefix(2);
  if (const auto plain = gzip::decompress(input, most)) {
    expect(plain->size() <= most, "the bound is kept");
    const auto more = gzip::decompress(input, most + 70'000);
    expect(more && *more == *plain, "a larger bound changes nothing");
    expect(plain->empty() || !gzip::decompress(input, plain->size() - 1), "a smaller one refuses");
  } else {
    expect(!plain.error().message.empty(), "a refusal says why");
  }

  const std::string packed = gzip::compress(input);
  expect(gzip::recognised(packed), "what is compressed is recognised");
  const auto back = gzip::decompress(packed, input.size());
  expect(back && *back == input, "what is compressed comes back");
  const auto cut = gzip::decompress({packed.data(), packed.size() - 1}, input.size());
  expect(!cut, "what is cut short is refused");
}

}  // namespace engine::fuzz
