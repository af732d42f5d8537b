#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bindings/rehearsal/check/dry_load.h"
#include "bindings/rehearsal/check/finding.h"
#include "bindings/rehearsal/check/outline.h"
#include "core/topics/topic_policies.h"

// What is found in a script's text: also in handlers and stories, which do not run.
namespace engine::checking {

// Globals that do not exist or are made by the script; fields that modules do not have.
std::vector<Finding> check_globals(const std::string& path, const Outline& outline,
                                   const Environment& environment);

// Topics written as text: of publications and subscriptions.
std::vector<Finding> check_topics(const std::string& path, const Outline& outline);

// Topics that are published and that no policy knows, and options that the catalogue has
// otherwise. Nothing without a catalogue.
std::vector<Finding> check_policies(const std::string& path, const Outline& outline,
                                    TopicPolicies& policies);

// Sound and video named in cues and stories, and in `declared` cues that the text does not show:
// commands that are none, files that are not there.
std::vector<Finding> check_media(const std::string& path, const Outline& outline,
                                 const std::vector<DeclaredMedia>& declared,
                                 const std::vector<std::filesystem::path>& folders);

// Cues that do not stand in the order in which they are played.
std::vector<Finding> check_cue_order(const std::string& path, const Outline& outline);

}  // namespace engine::checking
