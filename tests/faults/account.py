"""What became of each message: answered by mqtt.publish, and heard by the witness."""

import collections

# What one fault did. `oldest`: the age, when the fault came, of the oldest message that was lost.
Damage = collections.namedtuple("Damage", "lost duplicated unordered oldest")


class Account:
    """Messages are (run, number), in the order in which they were published."""

    def __init__(self):
        self.answered = {}  # To the time when that was logged.
        self.outcomes = collections.Counter()

    def add(self, moment, run, number, outcome):
        self.answered[run, number] = moment
        self.outcomes[outcome] += 1

    def last(self):
        return next(reversed(self.answered), None)

    def damage(self, arrivals, faults):
        """Of each fault, by its time: the damage nearest to it."""
        heard, latest = collections.Counter(), (0, 0)
        lost, duplicated, unordered = ([[] for _ in faults] for _ in range(3))

        def nearest(moment):
            return min(range(len(faults)), key=lambda n: abs(faults[n] - moment))

        for arrival in arrivals:
            message = message_of(arrival)
            heard[message] += 1
            if heard[message] > 1:
                duplicated[nearest(arrival.time)].append(message)
            elif message < latest:
                unordered[nearest(arrival.time)].append(message)
            latest = max(latest, message)
        for message, moment in self.answered.items():
            if not heard[message]:
                near = nearest(moment)
                lost[near].append(faults[near] - moment)
        return [Damage(len(l), len(d), len(u), max(l, default=0))
                for l, d, u in zip(lost, duplicated, unordered)]


def message_of(arrival):
    run, number = arrival.payload.split(":")
    return int(run), int(number)
