#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "core/app/commands/commands.h"
#include "core/app/commands/counts.h"
#include "core/app/export_rows.h"
#include "core/app/moment.h"
#include "core/app/store_finder.h"
#include "core/app/table.h"
#include "core/app/terminal.h"
#include "core/base/nearest.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

// engine export [series|runs [NAME...]]
class ExportCommand final : public Subcommand {
 public:
  const char* name() const override { return "export"; }
  const char* summary() const override {
    return "Writes what a site has measured, and its runs, as CSV or JSON";
  }

  void declare(CLI::App& app) override {
    app.add_option("what", what_, "series or runs; without it: lists both")->type_name("WHAT");
    app.add_option("names", names_,
                   "Which: a name, or how several begin; without it: lists all there are")
        ->type_name("NAME");
    app.add_option("--from", from_,
                   "The earliest: 2026-11-25, \"2026-11-25 18:30\", 24h or 7d (ago), unix seconds")
        ->type_name("TIME");
    app.add_option("--to", to_, "The latest, as --from")->type_name("TIME");
    app.add_option("--every", every_, "Of series: min, mean, max and count of each such piece")
        ->type_name("SECONDS");
    app.add_option("--format", format_, "csv or json (default: csv, or as the file's name ends)")
        ->type_name("FORMAT");
    app.add_flag("--dates", dates_, "Times as 2026-11-25T18:30:05.250Z, else unix seconds");
    app.add_option("-o,--output", output_, "The file to write; else it is printed")
        ->type_name("FILE");
    app.add_flag("--force", force_, "Overwrites the file");
    app.add_option("--state", choice_.state, "The state folder, as the engine has it")
        ->type_name("DIR");
    app.add_option("--site", choice_.site, "Which one, if several have a store")->type_name("NAME");
    app.add_option("--config", choice_.config, "The site's configuration, for its name")
        ->type_name("FILE");
  }

  int run() override {
    if (!what_.empty() && what_ != "series" && what_ != "runs") {
      return refuse(fmt::format("export: series or runs expected, got '{}'", printable(what_)));
    }
    const auto options = read_options();
    if (!options) return refuse(options.error().message);
    const auto file = find_store(choice_, process_environment());
    if (!file) return refuse(file.error().message);
    auto history = HistoryFile::open(*file);
    if (!history) return refuse(history.error().message);
    const auto done = names_.empty() ? list(*history) : write(*history, *options);
    return done ? 0 : refuse(done.error().message);
  }

 private:
  using Listed = std::vector<HistoryFile::Listed>;

  Result<ExportRows::Options> read_options() const {
    ExportRows::Options options{.span = {}, .every = every_.value_or(0), .dates = dates_};
    const WallTime now = SystemClock().wall();
    for (const auto& [option, text, time] :
         {std::tuple{"--from", &from_, &options.span.from}, {"--to", &to_, &options.span.to}}) {
      if (text->empty()) continue;
      const auto moment = parse_moment(*text, now);
      if (!moment) return fail(fmt::format("{}: {}", option, moment.error().message));
      *time = *moment;
    }
    if (every_ && !(*every_ >= 0.001 && *every_ <= 1e9)) {
      return fail("--every: seconds from 0.001 expected");
    }
    if (every_ && what_ == "runs") return fail("--every: only series have it");
    const std::string format =
        format_.empty() && output_.ends_with(".json") ? std::string("json") : format_;
    if (!format.empty() && format != "csv" && format != "json") {
      return fail(fmt::format("--format: csv or json expected, got '{}'", printable(format)));
    }
    options.json = format == "json";
    return options;
  }

  Result<void> list(HistoryFile& history) const {
    for (const char* what : {"series", "runs"}) {
      if (!what_.empty() && what_ != what) continue;
      const auto listed = *what == 's' ? history.series() : history.runs();
      if (!listed) return tl::unexpected(listed.error());
      Table table({*what == 's' ? "SERIES" : "RUNS", ">COUNT", "FIRST", "LAST"});
      for (const auto& one : *listed) {
        table.add({one.name, grouped(static_cast<uint64_t>(one.count)), utc_text(one.first),
                   utc_text(one.last)});
      }
      std::cout << table.text(false);
    }
    return {};
  }

  Result<void> write(HistoryFile& history, const ExportRows::Options& options) const {
    const auto listed = what_ == "series" ? history.series() : history.runs();
    if (!listed) return tl::unexpected(listed.error());
    const auto chosen = choose(*listed);
    if (!chosen) return tl::unexpected(chosen.error());
    if (output_.empty()) return write(history, options, *chosen, std::cout, "standard output");
    if (!force_ && fs::exists(output_)) {
      return fail(output_ + ": exists already: --force overwrites it");
    }
    std::ofstream out(output_, std::ios::binary);
    if (!out) return fail(output_ + ": cannot be written");
    return write(history, options, *chosen, out, output_);
  }

  Result<void> write(HistoryFile& history, const ExportRows::Options& options,
                     const std::vector<std::string>& names, std::ostream& out,
                     const std::string& where) const {
    // On a terminal the rows themselves are progress enough.
    const bool quiet = output_.empty() && ::isatty(STDOUT_FILENO);
    const auto terminal = open_terminal(STDERR_FILENO, process_environment());
    ExportRows rows(history, out, options, [&](int64_t count) {
      if (!quiet) terminal->set_live_line(grouped(static_cast<uint64_t>(count)) + " rows");
      return out.good();
    });
    const auto done = what_ == "series" ? rows.series(names) : rows.runs(names);
    terminal->clear_live_line();
    if (!done) return done;
    if (!out.flush()) return fail(where + ": cannot be written");
    return {};
  }

  // Those that were named, else those whose names begin so.
  Result<std::vector<std::string>> choose(const Listed& listed) const {
    std::vector<std::string> all, chosen;
    for (const auto& one : listed) all.push_back(one.name);
    for (const std::string& name : names_) {
      const size_t before = chosen.size();
      const bool exact = std::count(all.begin(), all.end(), name) > 0;
      for (const std::string& one : all) {
        if (exact ? one == name : one.starts_with(name)) chosen.push_back(one);
      }
      if (chosen.size() > before) continue;
      const auto guess = nearest(name, all);
      return fail(fmt::format("export: there are no {} '{}'{}; engine export {} lists all", what_,
                              printable(name),
                              guess ? fmt::format(", did you mean '{}'?", *guess) : "", what_));
    }
    return chosen;
  }

  std::string what_;
  std::vector<std::string> names_;
  std::string from_, to_;
  std::optional<double> every_;
  std::string format_;
  bool dates_ = false;
  std::string output_;
  bool force_ = false;
  SiteChoice choice_;
};

}  // namespace

std::unique_ptr<Subcommand> export_command() { return std::make_unique<ExportCommand>(); }

}  // namespace engine
