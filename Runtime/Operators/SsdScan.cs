using Graph.Execution;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>
/// Mamba-2's scan (mamba2.md 1.3 step 4): S_t = exp(dt A) S_{t-1} + dt x_t ⊗ B_t, y_t = S_t C_t + D x_t, A = -exp(A_log).
/// A row of xbc is x (e, head-major) | B (groups*state) | C (groups*state); dt is positive already.
/// <c>direction</c> -1 scans from the last position to the first. <c>split</c> cuts the heads of a group into that many
/// forward units (it must divide them); it never changes a bit.
/// </summary>
[Operator("xbc: b t e+2*groups*state, dt: b t heads -> y: b t e")]
[Parameter("A_log: heads", Init.LogUniform1To16)]
[Parameter("D: heads", Init.Ones)]
[Scratch("partial: b 2*heads")]
[Cost("b*t*(t + 1)*(groups*state + e) | b*t*(chunk + 1)*(groups*state + e) + 4*b*t*e*state")]
public readonly partial struct SsdScan : ITileOperator
{
    /// <summary>Floats of worker scratch that a unit of either pass needs.</summary>
    public static long WorkerScratch(int t, int e, int heads, int groups, int state, int chunk)
    {
        SsdShape shape = new(t, e, heads, groups, state, chunk, 1);
        return Math.Max(shape.ForwardScratch, shape.BackwardScratch);
    }

    [Launch(Pass.Forward, "b*groups*split", Gpu = true, Bfloat16 = "xbc y")]
    public static void Forward(in Worker worker, long unit, Ref xbc, Ref dt, Ref A_log, Ref D, Ref y, int t, int e, int heads, int groups, int state, int chunk, int direction, int split)
    {
        SsdShape shape = new(t, e, heads, groups, state, chunk, direction);
        if (worker.Gpu is { } gpu)
        {
            Forward(gpu, worker.Units / (groups * split), shape, xbc, dt, A_log, D, y, GpuRoom);
            return;
        }

        long sample = unit / (groups * split);
        int group = (int)(unit / split % groups);
        int few = shape.GroupHeads / split;
        int from = group * shape.GroupHeads + (int)(unit % split) * few;
        if (Divides(worker, 16, shape))
        {
            SsdForward.Run<V512>(worker, shape, sample, group, from, from + few, xbc, dt, A_log, D, y);
        }
        else if (Divides(worker, 8, shape))
        {
            SsdForward.Run<V256>(worker, shape, sample, group, from, from + few, xbc, dt, A_log, D, y);
        }
        else if (Divides(worker, 4, shape))
        {
            SsdForward.Run<V128>(worker, shape, sample, group, from, from + few, xbc, dt, A_log, D, y);
        }
        else
        {
            SsdForward.Run<F32>(worker, shape, sample, group, from, from + few, xbc, dt, A_log, D, y);
        }
    }

    [Launch(Pass.Backward, "b", Gpu = true, Bfloat16 = "xbc dy dxbc")]
    public static void Backward(in Worker worker, long unit, Ref xbc, Ref dt, Ref A_log, Ref D, Ref dy, Ref dxbc, Ref ddt, Ref partial, int t, int e, int heads, int groups, int state, int chunk, int direction)
    {
        SsdShape shape = new(t, e, heads, groups, state, chunk, direction);
        if (worker.Gpu is { } gpu)
        {
            Backward(gpu, worker.Units, shape, xbc, dt, A_log, D, dy, dxbc, ddt, partial, GpuRoom);
            return;
        }

        SsdBackward backward = new(worker, shape);
        for (int group = 0; group < groups; group++)
        {
            if (Divides(worker, 16, shape))
            {
                backward.Run<V512>(unit, group, xbc, dt, A_log, D, dy, dxbc, ddt, partial);
            }
            else if (Divides(worker, 8, shape))
            {
                backward.Run<V256>(unit, group, xbc, dt, A_log, D, dy, dxbc, ddt, partial);
            }
            else if (Divides(worker, 4, shape))
            {
                backward.Run<V128>(unit, group, xbc, dt, A_log, D, dy, dxbc, ddt, partial);
            }
            else
            {
                backward.Run<F32>(unit, group, xbc, dt, A_log, D, dy, dxbc, ddt, partial);
            }
        }
    }

    /// <summary>Adds the samples' partial sums in order.</summary>
    [Launch(Pass.Backward, "1", 1, Gpu = true)]
    public static void BackwardParameters(in Worker worker, long unit, Ref partial, Ref dA_log, Ref dD, long batch, int heads)
    {
        if (worker.Gpu is { } gpu)
        {
            BackwardParameters(gpu, partial, dA_log, dD, batch, heads);
            return;
        }

        for (long sample = unit; sample < batch; sample++)
        {
            Ref row = partial + sample * 2 * heads;
            for (int head = 0; head < heads; head++)
            {
                dA_log[head] += row[head];
                dD[head] += row[heads + head];
            }
        }
    }

    private static bool Divides(in Worker worker, int width, in SsdShape shape) =>
        TileMath.Divides(worker, width, shape.P) && TileMath.Divides(worker, width, shape.State);
}

/// <summary>Places <see cref="SsdScan"/>; <paramref name="with"/> names the time steps.</summary>
public sealed class SsdScanAttribute(string heads, string groups, string state, string with, Direction direction = Direction.Forward, int chunk = 64, int split = 1, string? from = null, string? name = null) : OperatorAttribute<SsdScan>
{
    public string Heads => heads;

    public string Groups => groups;

    public string State => state;

    public string With => with;

    public Direction Direction => direction;

    public int Chunk => chunk;

    public int Split => split;

    public string? From => from;

    public string? Name => name;
}
