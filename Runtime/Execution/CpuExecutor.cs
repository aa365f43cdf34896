using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Graph.Execution;

/// <summary>Runs launches on this machine's cores. One caller at a time; a run allocates nothing.</summary>
public sealed unsafe class CpuExecutor : Executor
{
    private readonly WorkerPool pool;
    private readonly Arena scratch;

    /// <param name="threads">Threads that work, the calling one included.</param>
    /// <param name="lanes">Widest SIMD lane in floats: 16, 8, 4 or 1; 0 takes the widest that the hardware has.</param>
    /// <param name="scratchFloatsPerWorker">Scratch of each thread.</param>
    /// <param name="bfloat16">Matrix products round their factors to bfloat16.</param>
    public CpuExecutor(int threads, int lanes = 0, long scratchFloatsPerWorker = 0, bool bfloat16 = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (lanes is not (0 or 1 or 4 or 8 or 16))
        {
            throw new ArgumentOutOfRangeException(nameof(lanes), lanes, "A lane has 16, 8, 4 or 1 floats; 0 takes the widest.");
        }

        Threads = threads;
        Lanes = lanes == 0 ? WidestLanes : lanes;
        Bfloat16 = bfloat16;

        // Rounded up to a cache line, so that workers never share one.
        long each = (scratchFloatsPerWorker + 15) / 16 * 16;
        scratch = new Arena(checked(each * threads));
        var workers = new Worker[threads];
        for (int i = 0; i < threads; i++)
        {
            workers[i] = new Worker(i, scratch.Start + i * each, each, Lanes, bfloat16: bfloat16);
        }

        pool = new WorkerPool(workers);
    }

    /// <summary>Floats in the widest vector that the hardware has.</summary>
    public static int WidestLanes =>
        Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : Vector128.IsHardwareAccelerated ? 4 : 1;

    public int Threads { get; }

    public int Lanes { get; }

    public bool Bfloat16 { get; }

    /// <summary>Runs units 0 .. units-1 and returns when all are done. The first exception of a unit is rethrown then.</summary>
    public override void Run<T>(in T launch, long units)
    {
        long start = Profile is null ? 0 : Stopwatch.GetTimestamp();

        // A launch may hold references, so it is pinned as bytes until every helper has left.
        fixed (byte* pointer = &Unsafe.As<T, byte>(ref Unsafe.AsRef(in launch)))
        {
            pool.Run(pointer, &Unit<T>, units);
        }

        Profile?.Add<T>(start);
    }

    public override void Dispose()
    {
        pool.Dispose();
        scratch.Dispose();
    }

    private static void Unit<T>(void* launch, in Worker worker, long unit)
        where T : struct, ILaunch => Unsafe.AsRef<T>(launch).Run(worker, unit);
}
