using System.Runtime.CompilerServices;
using Graph.Execution;
using ILGPU;

namespace Graph.Lanes;

/// <summary>
/// One work item of a device's work-group: lanes of a group stride over a row, and what reduces a row does so over the group. ILGPU
/// inlines all of it. No fused multiply-add (it does not link) and no warp operations (OpenCL has none), reference/ilgpu.md 0 and 6.
/// </summary>
public readonly struct GpuLane(float value) : IRowLane<GpuLane, GpuRef>, IRowLane<GpuLane, GpuMixedRef>
{
    /// <summary>The largest group that may reduce.</summary>
    public const int LargestGroup = 256;

    public float Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; } = value;

    public static int First => Group.IdxX;

    public static int Step => Group.DimX;

    public static GpuLane Zero => new(0);

    public static GpuLane One => new(1);

    public static GpuLane Of(double value) => new((float)value);

    public static GpuLane operator +(GpuLane a, GpuLane b) => new(a.Value + b.Value);

    public static GpuLane operator -(GpuLane a, GpuLane b) => new(a.Value - b.Value);

    public static GpuLane operator -(GpuLane a) => new(-a.Value);

    public static GpuLane operator *(GpuLane a, GpuLane b) => new(a.Value * b.Value);

    public static GpuLane operator /(GpuLane a, GpuLane b) => new(a.Value / b.Value);

    public static GpuLane MulAdd(GpuLane a, GpuLane b, GpuLane c) => new((a.Value * b.Value) + c.Value);

    public static GpuLane Max(GpuLane a, GpuLane b) => a.Value > b.Value ? a : b;

    public static GpuLane Min(GpuLane a, GpuLane b) => a.Value < b.Value ? a : b;

    public static GpuLane Exp(GpuLane a) => new(MathF.Exp(a.Value));

    public static GpuLane Log(GpuLane a) => new(MathF.Log(a.Value));

    public static GpuLane Sqrt(GpuLane a) => new(MathF.Sqrt(a.Value));

    public static GpuLane IfGreater(GpuLane a, GpuLane b, GpuLane yes, GpuLane no) => new(a.Value > b.Value ? yes.Value : no.Value);

    public static GpuLane Load(GpuRef start, long index) => new(start[index]);

    public static void Store(GpuLane value, GpuRef start, long index) => start[index] = value.Value;

    public static GpuLane Load(GpuMixedRef start, long index) => new(start.Load(index));

    public static void Store(GpuLane value, GpuMixedRef start, long index) => start.Store(index, value.Value);

    public static GpuLane LoadRow(GpuRef start, long row) => new(start[row]);

    public static GpuLane LoadRow(GpuMixedRef start, long row) => new(start.Load(row));

    /// <summary>All lanes hold the row's value after a reduction; the first one writes it.</summary>
    public static void StoreRow(GpuLane value, GpuRef start, long row)
    {
        if (Group.IdxX == 0)
        {
            start[row] = value.Value;
        }
    }

    /// <summary>The same of a kernel with operands of both formats.</summary>
    public static void StoreRow(GpuLane value, GpuMixedRef start, long row)
    {
        if (Group.IdxX == 0)
        {
            start.Store(row, value.Value);
        }
    }

    /// <summary>Sum over the group by a tree in shared memory, in a fixed order; every lane gets it.</summary>
    public static GpuLane SumRow(GpuLane value)
    {
        var shared = SharedMemory.Allocate<float>(LargestGroup);
        var lane = Group.IdxX;

        // The barrier stands before the store too: a second reduction must not overwrite what others still read.
        Group.Barrier();
        shared[lane] = value.Value;
        Group.Barrier();
        for (var half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (lane < half)
            {
                shared[lane] += shared[lane + half];
            }

            Group.Barrier();
        }

        return new(shared[0]);
    }
}
