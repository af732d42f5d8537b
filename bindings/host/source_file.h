#pragma once

#include <sys/types.h>

#include <string>

#include "core/base/result.h"

namespace engine {

// The text of a script's file, and what tells whether somebody is still writing to it.
class SourceFile {
 public:
  static Result<SourceFile> read(const std::string& path);

  const std::string& text() const { return text_; }
  // True when the file that was read has been written to since (not: replaced by another).
  bool overwritten() const;

 private:
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified{};
  };
  SourceFile(std::string path, std::string text, Stamp stamp)
      : path_(std::move(path)), text_(std::move(text)), stamp_(stamp) {}

  std::string path_;
  std::string text_;
  Stamp stamp_;
};

}  // namespace engine
