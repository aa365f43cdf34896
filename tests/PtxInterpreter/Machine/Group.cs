using Graph.Ptx.Binding;

namespace Graph.Ptx.Machine;

/// <summary>A work-group: its warps run one after another from barrier to barrier.</summary>
internal sealed class Group
{
    private readonly Warp[] warps;

    public Group(PtxKernel kernel, PtxMachine machine, int groups, int threads, byte[] arguments)
    {
        Kernel = kernel;
        Machine = machine;
        Groups = groups;
        Threads = threads;
        LaunchStart = machine.Clock.Tick();
        Parameters = new(arguments);
        Shared = new(kernel.SharedBytes);
        Local = new(kernel.LocalBytes, threads);
        warps = [.. Enumerable.Range(0, (threads + Warp.Width - 1) / Warp.Width).Select(i => new Warp(this, i))];
    }

    public PtxKernel Kernel { get; }

    public PtxMachine Machine { get; }

    public int Groups { get; }

    public int Threads { get; }

    public int Index { get; private set; }

    public ParameterSpace Parameters { get; }

    public SharedSpace Shared { get; }

    public LocalSpace Local { get; }

    /// <summary>Time of the launch's start.</summary>
    public int LaunchStart { get; }

    /// <summary>Time of the group's start.</summary>
    public int Start { get; private set; }

    /// <summary>Time of the last barrier.</summary>
    public int LastBarrier { get; private set; }

    /// <summary>Runs the group of that index to its end.</summary>
    public void Run(int index)
    {
        Index = index;
        Start = LastBarrier = Machine.Clock.Tick();
        foreach (var warp in warps)
        {
            warp.Reset();
        }

        do
        {
            foreach (var warp in warps)
            {
                warp.Run();
            }
        }
        while (Meet());
    }

    /// <summary>All warps stand at a barrier and go on, or all have ended.</summary>
    private bool Meet()
    {
        var first = warps[0].Waiting;
        foreach (var warp in warps)
        {
            if (warp.Waiting != first)
            {
                throw new PtxException($"barrier divergence in {Kernel.Name}, group {Index}: warp 0 is {Place(first)}, warp {warp.Index} is {Place(warp.Waiting)}");
            }
        }

        LastBarrier = Machine.Clock.Tick();
        return first is not null;
    }

    private static string Place(Instruction? barrier) => barrier is null ? "at its end" : $"at the barrier of line {barrier.Line}";
}
