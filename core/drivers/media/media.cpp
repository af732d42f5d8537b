#include "core/drivers/media/media.h"

#include "core/bus/topic.h"

namespace engine {

bool is_audio_topic(const std::string& topic) { return topic::last_level(topic) == "audio"; }
bool is_video_topic(const std::string& topic) { return topic::last_level(topic) == "video"; }

}  // namespace engine
