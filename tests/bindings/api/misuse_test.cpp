#include <map>
#include <regex>
#include <set>

#include "tests/bindings/support/registered.h"
#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Misuse {
  const char* call;     // One line of a script.
  const char* message;  // Part of what the script's author reads.
};

const std::vector<Misuse> kInMainChunk = {
    {"mqtt.subscribe()", "string expected, got nothing"},
    {"mqtt.subscribe('a')", "function expected, got nothing"},
    {"mqtt.subscribe(42, print)", "string expected, got number"},
    {"mqtt.subscribe('a/#/b', print)", "'#' must be the last level"},
    {"mqtt.subscribe('a+/b', print)", "a wildcard must stand alone"},
    {"mqtt.subscribe('', print)", "must not be empty"},
    {"mqtt.subscribe('a\\0b', print)", "must not contain a NUL"},
    {"mqtt.subscribe('\\255', print)", "must be UTF-8"},
    {"mqtt.subscribe(('x'):rep(65536), print)", "at most 65535 bytes"},
    {"mqtt.subscribe('a', print, {qos = 3})", "option 'qos': 0, 1 or 2 expected"},
    {"mqtt.subscribe('a', print, {qos = 1.5})", "option 'qos': 0, 1 or 2 expected"},
    {"mqtt.subscribe('a', print, {qos = '1'})", "option 'qos': 0, 1 or 2 expected, got string"},
    {"mqtt.subscribe('a', print, {qso = 1})", "unknown option 'qso', did you mean 'qos'?"},
    {"mqtt.subscribe('a', print, {volume = 1})", "unknown option 'volume'; known are qos"},
    {"mqtt.subscribe('a', print, {1})", "unknown option 'number'"},
    {"mqtt.subscribe('a', print, 1)", "table of options expected"},
    {"mqtt.publish()", "string expected, got nothing"},
    {"mqtt.publish('a/+', 'x')", "has a wildcard"},
    {"mqtt.publish('', 'x')", "must not be empty"},
    {"mqtt.publish('a\\0b', 'x')", "must not contain a NUL"},
    {"mqtt.publish('a')", "payload: string, number, boolean or table expected, got nothing"},
    {"mqtt.publish('a', print)", "payload: string, number, boolean or table expected"},
    {"mqtt.publish('a', {print})", "a function has no JSON form"},
    {"mqtt.publish('a', 0/0)", "a number must be finite"},
    {"mqtt.publish('a', math.huge)", "a number must be finite"},
    {"mqtt.publish('a', 'x', {qos = 256})", "option 'qos': 0, 1 or 2 expected"},
    {"mqtt.publish('a', 'x', {least_qos = 3})", "option 'least_qos': 0, 1 or 2 expected"},
    {"mqtt.publish('a', 'x', {retain = 1})", "option 'retain': boolean expected, got number"},
    {"mqtt.publish('a', 'x', {offline = 'never'})", "\"drop\", \"queue\" or \"latest\" expected"},
    {"mqtt.publish('a', 'x', {offline = ''})", "\"drop\", \"queue\" or \"latest\" expected"},
    {"mqtt.publish('a', 'x', {response_topic = 'b/#'})", "option 'response_topic': topic"},
    {"mqtt.publish('a', 'x', {response_topic = ''})", "option 'response_topic': a topic must not"},
    {"mqtt.publish('a', 'x', {correlation_data = 1})", "option 'correlation_data': string"},
    {"mqtt.publish('a', 'x', {content_type = 'a\\0'})", "option 'content_type': at most 65535"},
    {"mqtt.publish('a', 'x', {user_properties = {a = 1}})", "must be strings"},
    {"mqtt.publish('a', 'x', {user_properties = {a = '\\0'}})",
     "option 'user_properties': at most"},
    {"mqtt.publish('a', 'x', {user_properties = 1})", "option 'user_properties': table expected"},
    {"mqtt.will()", "string expected, got nothing"},
    {"mqtt.will('a/#', 'x')", "has a wildcard"},
    {"mqtt.will('a', print)", "payload: string, number, boolean or table expected"},
    {"mqtt.will('a', 'x', {qos = 3})", "option 'qos': 0, 1 or 2 expected"},
    {"mqtt.request()", "mqtt.request: a topic expected, got nil"},
    {"mqtt.request('a/+', 'x')", "mqtt.request: topic 'a/+' has a wildcard"},
    {"mqtt.request('a')", "a: a payload (text, number, boolean or table) expected, got nil"},
    {"mqtt.request('a', 'x', 5)", "mqtt.request: a table of options expected, got number"},
    {"mqtt.request('a', 'x', {timeout = -1})", "mqtt.request: timeout: seconds from 0"},
    {"mqtt.request('a', 'x', {retain = true})", "unknown option 'retain'; known are qos, timeout"},
    {"mqtt.request('a', 'x', {qos = 3})", "mqtt.request: qos: 0, 1 or 2 expected"},
    {"mqtt.request('a', 'x')", "mqtt.request waits for the answer: call it in a story, or"},
    {"mqtt.respond('a')", "mqtt.respond: function expected, got nil"},
    {"mqtt.respond('a/#/b', print)", "'#' must be the last level"},
    {"mqtt.respond('a', print, {qos = 3})", "option 'qos': 0, 1 or 2 expected"},
    {"mqtt.on_connection(1)", "function expected, got number"},
    {"timer.after('1', print)", "number of seconds expected, got string"},
    {"timer.after(-1, print)", "seconds from 0 to 1e9 expected"},
    {"timer.after(0/0, print)", "seconds from 0 to 1e9 expected"},
    {"timer.after(math.huge, print)", "seconds from 0 to 1e9 expected"},
    {"timer.after(1)", "function expected"},
    {"timer.every(0, print)", "at least 0.001 s"},
    {"timer.every(1, 'x')", "function expected, got string"},
    {"timer.at('25:00', print)", "a time of day such as"},
    {"timer.at('', print)", "a time of day such as"},
    {"timer.at('18:00')", "function expected"},
    {"timer.after(1, print, {name = 1})", "option 'name': string expected"},
    {"timer.every(1, print, {nmae = 'x'})", "unknown option 'nmae', did you mean 'name'?"},
    {"timer.every(1, print, {name = 'x'}) timer.after(1, print, {name = 'x'})",
     "there is a timer 'x' already: cancel it first"},
    {"os.time('now')", "table expected, got string"},
    {"os.time {}", "field 'day' missing"},
    {"os.date(1)", "string expected, got number"},
    {"os.date('%c', 'now')", "number expected, got string"},
    {"h.cancel()", "engine.handle expected"},
    {"h.cancel(sc)", "engine.handle expected"},
    {"h.active(1)", "engine.handle expected"},
    {"devices.get()", "string expected"},
    {"devices.on_change()", "function expected"},
    {"media.command('room1/light', 'x')", "ends in /audio or /video"},
    {"media.command('room1/audio')", "payload: string"},
    {"media.playing(1)", "string expected"},
    {"media.on_end()", "function expected"},
    {"json.encode()", "value expected"},
    {"json.encode(print)", "a function has no JSON form"},
    {"json.encode(0/0)", "a number must be finite"},
    {"json.encode('\\255')", "text must be UTF-8"},
    {"local t = {} t.t = t json.encode(t)", "deeper than 100 levels"},
    {"json.decode(1)", "string expected"},
    {"json.array('x')", "table expected"},
    {"log.debug()", "value expected"},
    {"log.info()", "value expected"},
    {"log.info('%d', 'x')", "number expected"},
    {"log.warn({}, 1)", "string expected, got table"},
    {"log.error('%s %s', 1)", "bad argument"},
    {"script.fault()", "string expected, got nothing"},
    {"script.fault('x', {})", "string expected, got table"},
    {"script.nearest(1, {})", "string expected"},
    {"script.nearest('x')", "table expected"},
    {"script.nearest('x', {1})", "a list of strings expected"},
    {"stage.add()", "table expected"},
    {"stage.add{room = 'x'}", "a scene needs one"},
    {"stage.add{name = ''}", "a scene needs one"},
    {"stage.add{name = 1}", "option 'name': string expected, got number"},
    {"stage.add{name = 'x'}", "control: table of functions expected"},
    {"stage.add{name = 'x', room = '', control = {}}", "room: must not be empty"},
    {"stage.add{name = 'x', control = {go = 1}}", "control: go: function expected, got number"},
    {"stage.add{name = 'x', control = {og = print}}", "unknown function 'og'"},
    {"stage.add{name = 'x', control = {}, rom = 'y'}", "did you mean 'room'?"},
    {"stage.add{name = 'x', control = {}, triggered = 1}", "option 'triggered': boolean expected"},
    {"sc:begin()", "cannot begin while the main chunk runs"},
    {"sc.begin(h)", "engine.stage.scene expected"},
    {"stage.go()", "string expected"},
    {"stage.stop(1)", "string expected, got number"},
    {"stage.pause()", "string expected"},
    {"stage.resume({})", "string expected, got table"},
    {"stage.jump('x')", "string expected"},
    {"stage.seek('x', -1)", "seconds from 0"},
    {"stage.seek('x', 0/0)", "seconds from 0"},
    {"stage.on_end(1)", "function expected"},
    {"store.set()", "value expected"},
    {"store.set('a')", "value expected"},
    {"store.set(1, 'x')", "string expected, got number"},
    {"store.set('', 'x')", "a key of 1 to 1024 bytes expected"},
    {"store.set('a', print)", "a value that can be stored expected"},
    {"store.set('a', {b = print})", "a value that can be stored expected"},
    {"store.set('a', ('x'):rep(2e6))", "at most 1 MB"},
    {"store.get()", "string expected, got nothing"},
    {"store.get(('k'):rep(1025))", "a key of 1 to 1024 bytes expected"},
    {"store.delete(1)", "string expected, got number"},
    {"store.keys(1)", "string expected, got number"},
    {"store.series()", "string expected, got nothing"},
    {"store.series(1)", "string expected, got number"},
    {"store.series('')", "a name of 1 to 255 bytes"},
    {"store.series('a\\0')", "a name of 1 to 255 bytes"},
    {"store.series('\\255')", "a name of 1 to 255 bytes of UTF-8"},
    {"store.series(('n'):rep(256))", "a name of 1 to 255 bytes"},
    {"store.series('a', 60)", "table of options expected, got number"},
    {"store.series('a', {keep = 0})", "option 'keep': at least 1 s"},
    {"store.series('a', {keep = '1d'})", "option 'keep': seconds"},
    {"store.series('a', {kep = 1})", "unknown option 'kep', did you mean 'keep'?"},
    {"store.series_names(1)", "string expected, got number"},
    {"for i = 1, 10001 do store.series('s' .. i) end", "there are 10000 series already"},
    {"series.append()", "engine.series expected"},
    {"series.append(runs, 1)", "engine.series expected"},
    {"series:append()", "number expected, got nothing"},
    {"series:append('1')", "number expected, got string"},
    {"series:append(0/0)", "finite number expected"},
    {"series:append(1, '2026')", "a time in unix seconds expected"},
    {"series:append(1, -1)", "a time in unix seconds expected"},
    {"series:append(1, 0/0)", "a time in unix seconds expected"},
    {"series:append(1, 1.7e12)", "a time in unix seconds expected"},
    {"series:range('a')", "a time in unix seconds expected"},
    {"series:range(1, {})", "a time in unix seconds expected"},
    {"series:range(1, 2, 60)", "table of options expected, got number"},
    {"series:range(1, 2, {every = 0})", "option 'every': at least 0.001 s"},
    {"series:range(1, 2, {evry = 1})", "did you mean 'every'?"},
    {"series.last(1)", "engine.series expected"},
    {"store.runs()", "string expected, got nothing"},
    {"store.runs('')", "a kind of 1 to 255 bytes"},
    {"for i = 1, 1001 do store.runs('k' .. i) end", "there are 1000 kinds of runs already"},
    {"runs:add()", "table expected, got nothing"},
    {"runs:add({1})", "a table with names expected, not a list"},
    {"runs:add({id = 1})", "a run without 'id' expected"},
    {"runs:add({time = 'now'})", "'time': a time in unix seconds expected"},
    {"runs:add({})", "cannot add while the main chunk runs"},
    {"runs.add(series, {})", "engine.runs expected"},
    {"runs:list(1)", "table of options expected"},
    {"runs:list({limit = 0})", "option 'limit': 1 to 1000 expected"},
    {"runs:list({limit = 1e9})", "option 'limit': 1 to 1000 expected"},
    {"runs:list({from = 'a'})", "option 'from': 0 to 253402300799 expected"},
    {"runs:list({limt = 1})", "did you mean 'limit'?"},
    {"runs:get()", "number expected, got nothing"},
    {"runs:get(1.5)", "a whole number from 0 expected"},
    {"script.enter(1)", "function expected, got number"},
    {"collectgarbage('stop')", "only 'collect', 'count' and 'step'"},
    {"require(1)", "a module name such as"},
    {"require '../x'", "a module name such as"},
    {"require 'nothing.here'", "module 'nothing.here' not found"},
    {"mqtt.publish = print", "mqtt is read-only"},
};

// The declaration of scene 'x' with these options.
const std::vector<Misuse> kScene = {
    {"{ }", "either cues or story expected"},
    {"{ cues = { { 1, 'a', 1 } }, story = print }", "either cues or story expected"},
    {"{ cues = 1 }", "cues: a list with at least one cue expected"},
    {"{ cues = {} }", "cues: a list with at least one cue expected"},
    {"{ cues = { { 1, 'a', 1 }, first = { 2, 'a', 1 } } }", "cues: unknown option 'first'"},
    {"{ cues = { 1 } }", "cue 1: a table expected, got number"},
    {"{ cues = { { -1, 'a', 1 } } }", "cue 1: its time, which comes first: seconds from 0"},
    {"{ cues = { { 0/0, 'a', 1 } } }", "cue 1: its time, which comes first: seconds from 0"},
    {"{ cues = { { math.huge, 'a', 1 } } }", "seconds from 0 expected, got inf"},
    {"{ cues = { { 1, '', 1 } } }", "cue 1: a topic expected, got ''"},
    {"{ cues = { { 1, 'a/+', 1 } } }", "cue 1: topic 'a/+' has a wildcard"},
    {"{ cues = { { 1, 'a\\0', 1 } } }", "cue 1: a topic must not contain a NUL"},
    {"{ cues = { { 1, '\\255', 1 } } }", "cue 1: a topic must be UTF-8"},
    {"{ cues = { { 1, ('x'):rep(65536), 1 } } }", "a topic has at most 65535 bytes"},
    {"{ cues = { { 1, 'a' } } }", "cue 1: a: a payload (text, number, boolean or table)"},
    {"{ cues = { { 1, 'a', 0/0 } } }", "cue 1: a: cannot be written as JSON"},
    {"{ cues = { { 1, 'a', { print } } } }", "a function has no JSON form"},
    {"{ cues = { { 1, 'a', 1, 2 } } }", "cue 1: entry 4 is one too many"},
    {"{ cues = { { 1, print, 1 } } }", "cue 1: entry 3 is one too many"},
    {"{ cues = { { 1, 'a', 1, qos = 1.5 } } }", "cue 1: qos: 0, 1 or 2 expected, got 1.5"},
    {"{ cues = { { 1, 'a', 1, retain = 1 } } }", "cue 1: retain: true or false expected"},
    {"{ cues = { { 1, 'a', 1, confirm = 'x' } } }", "cue 1: confirm: seconds from 0 expected"},
    {"{ cues = { { 1, 'a', 1, retry = 1.5 } } }", "cue 1: retry: a number of times expected"},
    {"{ cues = { { 1, 'a', 1, retry = math.huge } } }", "cue 1: retry: a number of times"},
    {"{ cues = { { 1, 'a', 1, on_timeout = 'x' } } }", "cue 1: on_timeout: \"continue\""},
    {"{ cues = { { 1, print, retry = 1 } } }", "cue 1: retry: only a command has one"},
    {"{ cues = { { 1, 'a', 1, pre_wait = -1 } } }", "cue 1: pre_wait: seconds from 0"},
    {"{ cues = { { 1, 'a', 1, post_wait = {} } } }", "cue 1: post_wait: seconds from 0"},
    {"{ cues = { { 1, 'a', 1, name = '' } } }", "cue 1: name: text expected"},
    {"{ cues = { { 1, 'a', 1, times = 2 } } }", "cue 1: times: only loop_to has it"},
    {"{ cues = { { 1, 'a', 1, after = 'x' } } }", "cue 1: after: \"previous\" expected"},
    {"{ cues = { { 1, loop_to = 1 } } }", "cue 1: loop_to: the name of a cue expected"},
    {"{ cues = { { 1, loop_to = 'x' } } }", "cue 1: loop_to: there is no cue named 'x'"},
    {"{ cues = { { 1, loop_to = 'x', times = 0.5 } } }", "cue 1: times: a number of times"},
    {"{ cues = { { 1, 'a', 1, volum = 1 } } }", "cue 1: unknown option 'volum'; known are after"},
    {"{ story = 1 }", "story: a function expected"},
    {"{ story = print, room = '' }", "room: a name expected, without + and #, got ''"},
    {"{ story = print, room = '+' }", "room: a name expected"},
    {"{ story = print, trigger = 'x' }", "trigger: { topic, payload }"},
    {"{ story = print, trigger = {} }", "trigger: { topic, payload }"},
    {"{ story = print, trigger = { 'a', every = 1 } }", "trigger: { topic, payload }"},
    {"{ story = print, trigger = { 'a/#/b' } }", "'#' must be the last level"},
    {"{ story = print, trigger = { 'a', {} } }", "trigger: payload: text, a number"},
    {"{ story = print, trigger = { 'a', 1, 2 } }", "trigger: entry 3 is one too many"},
    {"{ story = print, trigger = { { 'a' }, 1 } }", "trigger: { topic, payload }"},
    {"{ story = print, trigger = { every = 0 } }", "trigger: every: seconds from 0.001"},
    {"{ story = print, trigger = { every = '1' } }", "trigger: every: seconds from 0.001"},
    {"{ story = print, trigger = { at = 18 } }", "trigger: at: a time of day"},
    {"{ story = print, trigger = { at = '25:00' } }", "a time of day such as"},
    {"{ story = print, on_stop = 1 }", "on_stop: a list of cues expected"},
    {"{ story = print, on_stop = { 'a', 1 } }", "on_stop 1: { topic, payload } or a function"},
    {"{ story = print, on_stop = { { 'a' } } }", "on_stop 1: a: a payload"},
    {"{ story = print, on_stop = { { 'a', 1, 2 } } }", "on_stop 1: entry 3 is one too many"},
    {"{ story = print, on_stop = { { 'a', 1, retry = 1 } } }", "on_stop 1: unknown option 'retry'"},
    {"{ story = print, length = 1 }", "length: a story has none"},
    {"{ story = print, loop = true }", "loop: a story has none"},
    {"{ cues = { { 1, 'a', 1 } }, length = -1 }", "length: seconds from 0"},
    {"{ cues = { { 1, 'a', 1 } }, loop = 1.5 }", "loop: true or a number of times"},
    {"{ cues = { { 1, 'a', 1 } }, loop = 0/0 }", "loop: true or a number of times"},
    {"{ story = print, on_reload = 'resume' }", "on_reload: \"finish\" or \"restart\" expected"},
    {"{ story = print, go_debounce = '1' }", "go_debounce: seconds from 0"},
    {"{ story = print, description = 1 }", "description: text expected"},
    {"{ story = print, rom = 'a' }", "unknown option 'rom', did you mean 'room'?"},
};

// State machine 'x': options beside `initial = 'a'`.
const std::vector<Misuse> kMachine = {
    {"", "states: a table expected, got nil"},
    {"states = { b = {} }", "initial: there is no state 'a'"},
    {"states = { a = 1 }", "state 'a': a table expected"},
    {"states = { a = {}, [1] = {} }", "state '1': a name expected"},
    {"states = { a = { on_entry = {} } }", "did you mean 'on_enter'?"},
    {"states = { a = { description = 1 } }", "state 'a': description: text expected"},
    {"states = { a = { on_enter = { 'x', 1 } } }", "on_enter 1: a table expected"},
    {"states = { a = { on_enter = { x = {} } } }", "on_enter: unknown option 'x'"},
    {"states = { a = { on_enter = { { 'x/+', 1 } } } }", "on_enter 1: topic 'x/+' has a wildcard"},
    {"states = { a = { on_enter = { { 'x', 1, 2 } } } }", "on_enter 1: entry 3 is one too many"},
    {"states = { a = { on_exit = { { 'x', 1, qos = 7 } } } }", "on_exit 1: qos: 0, 1 or 2"},
    {"states = { a = { timeline = { { 'x', 1 } } } }", "timeline 1: its time, which comes first"},
    {"states = { a = { transitions = 1 } }", "transition: a table expected"},
    {"states = { a = { transitions = { { to = 'a' } } } }", "transition 1: one of timeout"},
    {"states = { a = { transitions = { { to = 'b', timeout = 1 } } } }", "there is no state 'b'"},
    {"states = { a = { transitions = { { timeout = 1 } } } }", "to: the name of a state"},
    {"states = { a = { transitions = { { to = 'a', timeout = 0/0 } } } }",
     "timeout: seconds from 0"},
    {"states = { a = { transitions = { { to = 'a', always = 1 } } } }", "always: true expected"},
    {"states = { a = { transitions = { { to = 'a', audio_end = '' } } } }", "a file name expected"},
    {"states = { a = { transitions = { { to = 'a', video_end = 1 } } } }", "a file name expected"},
    {"states = { a = { transitions = { { to = 'a', message = { 'x/#', 1 } } } } }",
     "without wildcards"},
    {"states = { a = { transitions = { { to = 'a', message = { 'x' } } } } }", "a payload (text"},
    {"states = { a = { transitions = { { to = 'a', message = { 'x', 1, 2 } } } } }",
     "entry 3 is one too many"},
    {"states = { a = {} }, global_events = { { timeout = 1, goto_ = 'a' } }", "unknown option"},
    {"states = { a = {} }, room = 1", "room: a name expected"},
    {"states = { a = {} }, trigger = 1", "trigger: { topic, payload }"},
    {"states = { a = {} }, on_stop = 1", "on_stop: a list of cues"},
    {"states = { a = {} }, on_reload = 'resume'", "on_reload: \"finish\" or \"restart\""},
    {"states = { a = {} }, go_debounce = -1", "go_debounce: seconds from 0"},
    {"states = { a = {} }, description = 1", "description: text expected"},
    {"states = { a = {} }, length = 1", "unknown option 'length'"},
};

const std::vector<Misuse> kLibrary = {
    {"scene()", "scene: a name expected, got nil"},
    {"scene ''", "scene: a name expected, got ''"},
    {"scene { cues = {} }", "scene: a name expected, got table"},
    {"scene('x', 1)", "a table or function expected, got number"},
    {"scene 'x' ()", "a table or function expected, got nil"},
    {"scene('x', print) scene('x', print)", "it is declared twice in this script"},
    {"scene.find()", "scene.find: the name of a scene expected, got nil"},
    {"scene('x', print).go()", "scene:go: write it with a colon"},
    {"scene('x', print):stop(1)", "scene:stop: true or false expected"},
    {"scene('x', print).pause()", "write it with a colon"},
    {"scene('x', print).resume({})", "write it with a colon"},
    {"scene('x', print):jump()", "scene:jump: the name of a cue expected"},
    {"scene('x', print):seek(0/0)", "scene:seek: seconds from 0 expected"},
    {"scene('x', print).status()", "write it with a colon"},
    {"scene('x', print).pending()", "write it with a colon"},
    {"state_machine()", "state_machine: a name expected, got nil"},
    {"state_machine ''", "state_machine: a name expected, got ''"},
    {"state_machine('x', 1)", "options: a table expected, got number"},
    {"state_machine 'x' ()", "options: a table expected, got nil"},
    {"require('engine.task').start()", "task.start: function expected, got nil"},
    {"require('engine.task').wait(-1)", "task.wait: seconds from 0 expected, got -1"},
    {"require('engine.task').wait(1)", "task.wait waits: call it in a task or a story"},
    {"virtual_device()", "a table of options expected, got nil"},
    {"virtual_device { commands = { 'a' } }", "id: a name without"},
    {"virtual_device { id = 'a/b', commands = { 'a' } }", "id: a name without"},
    {"virtual_device { id = 'd' }", "commands: a list of topic filters expected"},
    {"virtual_device { id = 'd', commands = { 'a/#/b' } }", "'#' must be the last level"},
    {"virtual_device { id = 'd', commands = { '' } }", "commands: entry 1: a topic expected"},
    {"virtual_device { id = 'd', commands = { 'a', x = 1 } }", "commands: unknown option 'x'"},
    {"virtual_device { id = 'd', commands = { 'a' }, status = '+' }", "status: a topic without"},
    {"virtual_device { id = 'd', commands = { 'a' }, delay = { 2, 1 } }", "delay: two numbers"},
    {"virtual_device { id = 'd', commands = { 'a' }, delay = 1 }", "delay: two numbers"},
    {"virtual_device { id = 'd', commands = { 'a' }, failure = 0/0 }", "failure: a probability"},
    {"virtual_device { id = 'd', commands = { 'a' }, silent = 1 }", "silent: true or false"},
    {"virtual_device { id = 'd', commands = { 'a' }, seed = {} }", "seed: a text, or a number"},
    {"virtual_device { id = 'd', commands = { 'a' }, accepts = 1 }", "accepts: a function"},
    {"virtual_device { id = 'd', commands = { 'a' }, delays = 1 }", "did you mean 'delay'?"},
    {"import_museum.convert()", "import_museum.convert: two strings expected"},
    {"import_museum.convert('[]', 'x', 1)", "import_museum.convert: room: string expected"},
};

// In a story, with `s`.
const std::vector<Misuse> kStory = {
    {"s.position({})", "s:position: write it with a colon"},
    {"s:log()", "s:log: a text expected, got nothing"},
    {"s:send()", "s:send: a topic expected, got nil"},
    {"s.send('a', 1)", "s:send: write it with a colon"},
    {"s:send('a/#', 1)", "s:send: topic 'a/#' has a wildcard"},
    {"s:send('a')", "s:send: a: a payload (text, number, boolean or table) expected, got nil"},
    {"s:send('a', 0/0)", "s:send: a: cannot be written as JSON"},
    {"s:send('a', 1, 2)", "s:send: a table of options expected, got number"},
    {"s:send('a', 1, { qos = 1.5 })", "s:send: qos: 0, 1 or 2 expected"},
    {"s:send('a', 1, { confrm = 1 })", "s:send: unknown option 'confrm', did you mean 'confirm'?"},
    {"s:request()", "s:request: a topic expected, got nil"},
    {"s:request('a', 1, { timeout = 'x' })", "s:request: timeout: seconds from 0 expected"},
    {"s:send('a', 1, { retry = -1 })", "s:send: retry: a number of times expected"},
    {"s:send('a', 1, { on_timeout = 1 })", "s:send: on_timeout: \"continue\""},
    {"s:confirm(1, 1)", "s:confirm: a topic expected, got number"},
    {"s:confirm('a', print)", "s:confirm: a: a payload"},
    {"s:confirm('a', 1, { confirm = -1 })", "s:confirm: confirm: seconds from 0 expected"},
    {"s:play()", "s:play: a file name expected, got nil"},
    {"s:play ''", "s:play: a file name expected, got ''"},
    {"s:play('x', { volume = 2 })", "s:play: volume: a number from 0 to 1 expected, got 2"},
    {"s:play('x', { volume = 0/0 })", "s:play: volume: a number from 0 to 1"},
    {"s:play('x', { topic = 'a' })", "s:play: topic: one that ends in /audio expected, got 'a'"},
    {"s:play('x', { loud = 1 })", "s:play: unknown option 'loud'"},
    {"s:start(1)", "s:start: a file name expected, got number"},
    {"s:video()", "s:video: a file name expected"},
    {"s:video('x', { volume = 1 })", "s:video: unknown option 'volume'; known are topic"},
    {"s:video('x', { topic = 'a/audio' })", "s:video: topic: one that ends in /video"},
    {"s:wait()", "s:wait: seconds from 0 expected, got nil"},
    {"s:wait('1')", "s:wait: seconds from 0 expected, got 1"},
    {"s:wait(-1)", "s:wait: seconds from 0 expected"},
    {"s:wait(0/0)", "s:wait: seconds from 0 expected"},
    {"s:wait(math.huge)", "s:wait: seconds from 0 expected"},
    {"s:wait_for()", "s:wait_for: a topic expected, got nil"},
    {"s:wait_for('a/#/b')", "s:wait_for: 'a/#/b' is not a topic filter: '#' must"},
    {"s:wait_for('a', {})", "s:wait_for: payload: text, a number, a boolean or a function"},
    {"s:wait_for('a', 0/0)", "s:wait_for: payload: text, a number"},
    {"s:wait_for('a', 1, '2')", "s:wait_for: timeout: seconds from 0 expected"},
    {"s:wait_any()", "s:wait_any: a list such as"},
    {"s:wait_any {}", "s:wait_any: a list such as"},
    {"s:wait_any { 'a', 1 }", "s:wait_any: a list such as"},
    {"s:wait_any { { 'a' }, timout = 1 }", "did you mean 'timeout'?"},
    {"s:wait_any { { 'a' }, timeout = -1 }", "s:wait_any: timeout: seconds from 0"},
    {"s:wait_any { { 'a' }, 2 }", "s:wait_any: entry 2: { filter, payload } expected"},
    {"s:wait_any { { 'a+' } }", "s:wait_any: entry 1: 'a+' is not a topic filter"},
    {"s:together(print, 1)", "s:together: functions expected, argument 2 is a number"},
    {"s:run()", "s:run: the name of a scene expected, got nil"},
};

// In a running performance `p` of scene `sc`.
const std::vector<Misuse> kPerformance = {
    {"sc.begin(p)", "engine.stage.scene expected"},
    {"sc:begin(1)", "table expected, got number"},
    {"sc:begin({ 1 })", "safety cue 1: table expected, got number"},
    {"sc:begin({ { 'a/+', 1 } })", "safety cue 1: topic 'a/+' has a wildcard"},
    {"sc:begin({ { 'a', 1 }, { 'a' } })", "safety cue 2: payload: string"},
    {"sc:begin({ { 'a', 1, qos = 1.5 } })", "safety cue 1: qos: 0, 1 or 2 expected"},
    {"sc:begin({ { 'a', 1, retain = 1 } })", "safety cue 1: retain: boolean expected"},
    {"p.send()", "engine.performance expected"},
    {"p:send()", "number expected, got nothing"},
    {"p:send(-1, 0, 'a', 1)", "a whole number from 0 expected"},
    {"p:send(0/0, 0, 'a', 1)", "a whole number from 0 expected"},
    {"p:send(1.5, 0, 'a', 1)", "a whole number from 0 expected"},
    {"p:send(1, 0/0, 'a', 1)", "finite number expected"},
    {"p:send(1, 0, 'a/#', 1)", "has a wildcard"},
    {"p:send(1, 0, 'a')", "payload: string, number, boolean or table expected"},
    {"p:send(1, 0, 'a', 1, { qos = 4 })", "option 'qos': 0, 1 or 2 expected"},
    {"p:send(1, 0, 'a', 1, { confirm = -1 })", "option 'confirm': seconds from 0 to 1e9"},
    {"p:called()", "number expected, got nothing"},
    {"p:called(1, -1)", "seconds from 0"},
    {"p:waited(1, 'x', 'y', 'z')", "number of seconds expected, got string"},
    {"p:waited(1, nil, 1, 'z')", "string expected, got nothing"},
    {"p:journal({})", "string expected, got table"},
    {"p:journal_step()", "string expected, got nothing"},
    {"p:note()", "number expected, got nothing"},
    {"p:note(1)", "string expected, got nothing"},
    {"p.note(sc, 1, 'x')", "engine.performance expected"},
    {"p:protect()", "table expected, got nothing"},
    {"p:protect({ 'a' })", "safety cue 1: table expected, got string"},
    {"p:finish()", "string expected"},
    {"p:finish('done')", "\"finished\", \"stopped\" or \"failed\" expected"},
};

// Without arguments and outcomes there is nothing to do wrong.
const std::set<std::string> kNothingToMisuse = {
    "devices.list",  "feedback.pending", "mqtt.connected", "mqtt.requests",
    "stage.list",    "stage.stop_all",   "script.loading", "script.uuid",
    "system.health", "timer.now",        "timer.wall",
};

const std::string kPerforming =
    "local p, sc\n"
    "sc = stage.add { name = 'it', control = {\n"
    "  go = function() p = sc:begin() return true end,\n"
    "  stop = function() p:finish 'stopped' return true end,\n"
    "} }\n"
    "stage.go 'it'\n";

// `text` begins with the file and the line, and says `message`.
void check_said(const std::string& text, const std::string& place, const Misuse& misuse) {
  INFO(misuse.call);
  INFO(text);
  CHECK(text.substr(0, place.size()) == place);
  CHECK(text.find(misuse.message) != std::string::npos);
}

std::string place(const ScriptFixture& show, int line) {
  return (show.folder / "test.lua").string() + ":" + std::to_string(line) + ": ";
}

// On line 5 of a script.
void in_main_chunk(const Misuse& misuse, const std::string& call) {
  ScriptFixture show;
  const std::string before =
      "local scene, state_machine = require 'engine.scene', require 'engine.state_machine'\n"
      "local virtual_device = require 'engine.virtual_device'\n"
      "local import_museum = require 'engine.import_museum'\n"
      "local h, sc = timer.after(1, print), stage.add { name = 'it', control = {} } "
      "local series, runs = store.series 'it', store.runs 'it'\n";
  INFO(misuse.call);
  check_said(show.load_error(before + call + "\nprint(h, sc, series, runs)\n"), place(show, 5),
             misuse);
}

// The first fault once `script` runs, which may have a scene 'story'.
void in_show(const Misuse& misuse, const std::string& script, int line) {
  ScriptFixture show;
  INFO(misuse.call);
  show.load(script);
  if (const auto id = show.stage.find("story")) show.stage.control(*id)->go();
  show.tick(2s);
  REQUIRE_FALSE(show.faults.empty());
  check_said(show.faults[0].message, place(show, line), misuse);
}

// "mqtt.publish", "Story:send" of what the rows call.
std::set<std::string> called() {
  static const std::regex kCall(R"((\w+)([.:])(\w+)\s*[({'])");
  std::set<std::string> names;
  const auto add = [&](const std::vector<Misuse>& rows,
                       std::map<std::string, std::string> classes) {
    for (const Misuse& row : rows) {
      const std::string call = row.call;
      for (std::sregex_iterator at(call.begin(), call.end(), kCall), end; at != end; ++at) {
        const auto klass = classes.find((*at)[1]);
        names.insert(klass == classes.end() ? (*at)[1].str() + "." + (*at)[3].str()
                                            : klass->second + ":" + (*at)[3].str());
      }
    }
  };
  add(kInMainChunk, {{"h", "Handle"}, {"sc", "Scene"}, {"series", "Series"}, {"runs", "Runs"}});
  add(kStory, {{"s", "Story"}});
  add(kPerformance, {{"p", "Performance"}, {"sc", "Scene"}});
  add(kLibrary, {});
  return names;
}

}  // namespace

TEST_CASE("misuse raises at the script's line and says what was expected") {
  for (const Misuse& row : kInMainChunk) in_main_chunk(row, row.call);
}

TEST_CASE("misuse of the library raises at the script's line") {
  for (const Misuse& row : kLibrary) in_main_chunk(row, row.call);
}

TEST_CASE("misuse in a scene's declaration raises at the script's line") {
  for (const Misuse& row : kScene) in_main_chunk(row, std::string("scene 'x' ") + row.call);
}

TEST_CASE("misuse in a state machine raises at the script's line") {
  for (const Misuse& row : kMachine) {
    in_main_chunk(row, std::string("state_machine 'x' { initial = 'a', ") + row.call + " }");
  }
}

TEST_CASE("misuse in a story raises at the script's line") {
  for (const Misuse& row : kStory) {
    in_show(row,
            std::string("local scene = require 'engine.scene'\nscene('story', function(s)\n") +
                row.call + "\nend)\n",
            3);
  }
}

TEST_CASE("misuse of a performance raises at the script's line") {
  for (const Misuse& row : kPerformance) {
    in_show(row, kPerforming + "timer.after(1, function()\n" + row.call + "\nend)\n", 8);
  }
}

TEST_CASE("misuse: a performance that has ended takes nothing more") {
  for (const char* call : {"p:send(1, 0, 'a', 1)", "p:note(0, 'x')", "p:protect({})",
                           "p:called(0, 0)", "p:waited(0, 'x', 0, 'y')", "p:journal('x')",
                           "p:journal_step('x')", "p:finish('finished')"}) {
    in_show({call, "the performance has ended"},
            kPerforming + "timer.after(1, function() p:finish 'finished'\n" + call + "\nend)\n", 8);
  }
}

TEST_CASE("misuse: a story that has ended is not told on by others") {
  const std::string story =
      "local scene = require 'engine.scene'\n"
      "scene('story', function(s) timer.after(1, function()\n";
  in_show({"s:send", "s:send: scene 'story' has ended"}, story + "s:send('a', 1)\nend) end)\n", 3);
  in_show({"s:wait", "s:wait waits: call it in the story"},
          story + "s:wait(1)\nend) s:wait(5) end)\n", 3);
}

TEST_CASE_METHOD(ScriptFixture, "misuse: a handle that is released says so, and is no error") {
  load(
      "local h = timer.after(1, print)\n"
      "assert(h:cancel() == true and h:cancel() == false and h:active() == false)\n");
}

TEST_CASE_METHOD(ScriptFixture, "misuse: every function that scripts find has a row above") {
  load(
      "for name, value in pairs(require('engine.scene.waits').Teller) do\n"
      "  if type(value) == 'function' then mqtt.publish('s', name) end\n"
      "end");
  std::set<std::string> found = registered(*host.find((folder / "test.lua").string()));
  for (const std::string& line : taken()) found.insert("Story:" + line.substr(2));
  REQUIRE(found.count("mqtt.publish") == 1);
  REQUIRE(found.count("Story:wait") == 1);
  const std::set<std::string> rows = called();
  for (const std::string& name : found) {
    INFO(name);
    CHECK((rows.count(name) > 0) != (kNothingToMisuse.count(name) > 0));
  }
}
