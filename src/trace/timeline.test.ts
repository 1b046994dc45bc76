import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import { VirtualClock } from '../ports.js';
import type { TimedTraceEvent, TraceEvent } from './events.js';
import { createTimeline, type TimelineSink } from './timeline.js';

const START = 1_000;

function step(name: string): TraceEvent {
  return { layer: 'scenario', kind: 'step', name };
}

function names(events: readonly TimedTraceEvent[]): (string | undefined)[] {
  return events.map((event) => ('name' in event ? event.name : undefined));
}

function collector(): TimelineSink & { readonly seen: TimedTraceEvent[] } {
  const seen: TimedTraceEvent[] = [];
  return { seen, write: (event) => void seen.push(event) };
}

describe('a timeline', () => {
  it('numbers and stamps events by its clock', async () => {
    const clock = new VirtualClock({ start: START });
    const timeline = createTimeline({ clock });
    timeline.emit(step('a'));
    await clock.advance(25);
    timeline.emit(step('b'));
    expect(timeline.take()).toEqual({
      events: [
        { ...step('a'), sequence: 0, at: START },
        { ...step('b'), sequence: 1, at: START + 25 },
      ],
      dropped: 0,
    });
  });

  it('hands a slice over once', () => {
    const timeline = createTimeline({ clock: new VirtualClock() });
    timeline.emit(step('a'));
    timeline.take();
    timeline.emit(step('b'));
    expect(names(timeline.take().events)).toEqual(['b']);
    expect(timeline.take().events).toEqual([]);
  });

  it('keeps results apart that run side by side, in one numbering', () => {
    const sink = collector();
    const run = createTimeline({ clock: new VirtualClock(), sinks: [sink] });
    const [one, two] = [run.child(), run.child()];
    one.emit(step('a'));
    two.emit(step('b'));
    one.emit(step('c'));
    expect(names(one.take().events)).toEqual(['a', 'c']);
    expect(names(two.take().events)).toEqual(['b']);
    expect(sink.seen.map((event) => event.sequence)).toEqual([0, 1, 2]);
  });

  it('redacts before anybody sees an event', () => {
    const sink = collector();
    const timeline = createTimeline({ clock: new VirtualClock(), sinks: [sink] });
    timeline.emit({ layer: 'user', kind: 'pin', device: 'a', fields: { pin: '1234' } });
    expect(JSON.stringify([sink.seen, timeline.take()])).not.toContain('1234');
  });

  it('remembers its own copy', () => {
    const timeline = createTimeline({ clock: new VirtualClock() });
    const fields = { clicks: 1 };
    timeline.emit({ layer: 'scenario', kind: 'observation', name: 'clicks', fields });
    fields.clicks = 2;
    expect(timeline.take().events[0]).toMatchObject({ fields: { clicks: 1 } });
  });
});

describe('a full memory', () => {
  it.each([
    [3, ['a', 'b', 'c'], 0],
    [4, ['trace-dropped', 'b', 'c', 'd'], 1],
    [7, ['trace-dropped', 'e', 'f', 'g'], 4],
  ])('after %i events holds %j', (count, kept, dropped) => {
    const timeline = createTimeline({ clock: new VirtualClock(), capacity: 3 });
    for (const letter of 'abcdefg'.slice(0, count)) timeline.emit(step(letter));
    const slice = timeline.take();
    expect(names(slice.events)).toEqual(kept);
    expect(slice.dropped).toBe(dropped);
    if (dropped > 0) expect(slice.events[0]).toMatchObject({ kind: 'note', fields: { count: dropped } });
  });

  it('still gives every event to the sinks', () => {
    const sink = collector();
    const timeline = createTimeline({ clock: new VirtualClock(), capacity: 1, sinks: [sink] });
    for (const letter of 'abc') timeline.emit(step(letter));
    expect(names(sink.seen)).toEqual(['a', 'b', 'c']);
  });
});

describe('emitting never throws', () => {
  it('when a sink does, which is then left out while others go on', () => {
    const broken = new KeyrigError('report-write', 'disk full');
    const sink = collector();
    let asked = 0;
    const failing: TimelineSink = {
      write: () => {
        asked += 1;
        throw broken;
      },
    };
    const timeline = createTimeline({ clock: new VirtualClock(), sinks: [failing, sink] });
    timeline.emit(step('a'));
    timeline.emit(step('b'));
    expect(asked).toBe(1);
    expect(timeline.sinkFailures).toEqual([broken]);
    expect(names(sink.seen)).toEqual(['a', 'b']);
    expect(names(timeline.take().events)).toEqual(['a', 'b']);
  });

  it('when an event can not be read, which is counted and given to nobody', () => {
    const sink = collector();
    const timeline = createTimeline({ clock: new VirtualClock(), sinks: [sink] });
    const unreadable = new Proxy(step('a'), {
      ownKeys: () => {
        throw new KeyrigError('internal', 'no keys');
      },
    });
    timeline.emit(unreadable);
    expect(sink.seen).toEqual([]);
    expect(timeline.take().dropped).toBe(1);
  });
});
