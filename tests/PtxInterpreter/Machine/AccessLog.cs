namespace Graph.Ptx.Machine;

/// <summary>What an access does.</summary>
internal enum Access
{
    Read,
    Write,
    Atomic,
}

/// <summary>
/// Who touched which bytes of a memory last, and when: finds races between threads that no barrier orders, and reads of what nobody wrote.
/// It knows of two bytes as one, the least that our kernels store (bf16).
/// </summary>
/// <param name="space">For messages.</param>
/// <param name="local">The memory begins anew with every group: another group's accesses count for nothing.</param>
internal sealed class AccessLog(string space, bool local)
{
    private const int Unit = 2;
    private const int PageUnits = 1024;

    /// <summary>Several readers; which ones does not matter, the writer is another.</summary>
    private const int Many = -1;

    /// <summary>Atomic accesses do not race with each other.</summary>
    private const int Atomics = -2;

    /// <summary>A copy of thread t is under way: InFlight - t.</summary>
    private const int InFlight = -16;

    private readonly Dictionary<long, Entry[]> pages = [];
    private long lastPage = -1;
    private Entry[] last = [];

    /// <summary>Checks an access and notes it.</summary>
    public void Note(Warp warp, int lane, ulong address, int bytes, Access access)
    {
        var thread = access == Access.Atomic ? Atomics : warp.Thread(lane);
        var end = ((long)address + bytes + Unit - 1) / Unit;
        for (var unit = (long)address / Unit; unit < end; unit++)
        {
            ref var entry = ref At(unit);
            if (Live(warp, entry.WriteTime))
            {
                if (entry.WriteBy <= InFlight)
                {
                    throw new PtxException($"thread {warp.Thread(lane)} {Verb(access)} {space} byte {unit * Unit}, where an asynchronous copy of thread {InFlight - entry.WriteBy} has not been waited for");
                }

                Check(warp, lane, entry.WriteTime, entry.WriteBy, thread, unit, "wrote", access);
            }
            else if (local && access == Access.Read)
            {
                throw new PtxException($"thread {thread} reads {space} byte {unit * Unit}, which no thread of the group has written (uninitialised)");
            }

            if (access == Access.Read)
            {
                // The earlier time stays when readers are several: one of another group must not be forgotten at this group's barrier.
                var time = entry.ReadTime;
                var shared = Live(warp, time) && !Ordered(warp, time, entry.ReadBy) && (entry.ReadBy != thread || time < warp.Group.Start);
                entry.ReadBy = shared ? Many : thread;
                entry.ReadTime = shared ? time : warp.Clock.Now;
                continue;
            }

            if (Live(warp, entry.ReadTime))
            {
                Check(warp, lane, entry.ReadTime, entry.ReadBy, thread, unit, "read", access);
            }

            entry.WriteBy = thread;
            entry.WriteTime = warp.Clock.Now;
        }
    }

    /// <summary>An asynchronous copy to these bytes begins.</summary>
    public void Begin(Warp warp, int lane, ulong address, int bytes) => Set(warp, address, bytes, InFlight - warp.Thread(lane), Access.Write, lane);

    /// <summary>An asynchronous copy to these bytes has been waited for by the thread that began it; other threads still need a barrier.</summary>
    public void Complete(Warp warp, int lane, ulong address, int bytes) => Set(warp, address, bytes, warp.Thread(lane), null, lane);

    private void Set(Warp warp, ulong address, int bytes, int by, Access? check, int lane)
    {
        if (check is { } access)
        {
            Note(warp, lane, address, bytes, access);
        }

        for (var unit = (long)address / Unit; unit < ((long)address + bytes) / Unit; unit++)
        {
            ref var entry = ref At(unit);
            entry.WriteBy = by;
            entry.WriteTime = warp.Clock.Now;
        }
    }

    /// <summary>Whether an access at that time still counts: of this launch, and for a group's own memory of this group.</summary>
    private bool Live(Warp warp, int time) => time >= (local ? warp.Group.Start : warp.Group.LaunchStart);

    private static bool Ordered(Warp warp, int time, int by)
    {
        if (time < warp.Group.Start)
        {
            return false;
        }

        return time < warp.Group.LastBarrier || (by >= 0 && by / Warp.Width == warp.Index && time < warp.LastBarrier);
    }

    private void Check(Warp warp, int lane, int time, int by, int thread, long unit, string did, Access access)
    {
        if (Ordered(warp, time, by) || (by == thread && time >= warp.Group.Start) || (by == Atomics && thread == Atomics))
        {
            return;
        }

        var other = by switch { Many => "several threads", Atomics => "an atomic", _ => $"thread {by}" };
        var where = time < warp.Group.Start ? "another group" : "the group";
        throw new PtxException($"race at {space} byte {unit * Unit}: {other} of {where} {did} it, thread {warp.Thread(lane)} {Verb(access)} it, and no barrier orders them");
    }

    private static string Verb(Access access) => access == Access.Read ? "reads" : "writes";

    private ref Entry At(long unit)
    {
        var page = unit / PageUnits;
        if (page != lastPage)
        {
            if (!pages.TryGetValue(page, out var found))
            {
                pages[page] = found = new Entry[PageUnits];
            }

            last = found;
            lastPage = page;
        }

        return ref last[unit % PageUnits];
    }

    private struct Entry
    {
        public int WriteTime;
        public int WriteBy;
        public int ReadTime;
        public int ReadBy;
    }
}
