using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>
/// Kernels of <see cref="SsdScan"/> for both passes, and where things lie. Arguments: R0 xbc, R1 dt, R2 A_log, R3 D, R4 y or dy, R5 dxbc (of
/// these R0, R4 and R5 may be places of bfloat16), R6 ddt, R7 partial, R8 vectors, R9 G, R10 dG, R11 states at chunk starts, R12 their gradients at chunk ends, R13 T; I0 t, I1 e,
/// I2 heads, I3 groups, I4 state, I5 P, I6 Q, I7 chunks, I8 direction, I9 row of xbc, I10 samples, I11 to I13 blocks of 64 in Q, state and P,
/// I14 which of two like gradients, I15 row of G.
/// </summary>
internal static class SsdGpu
{
    /// <summary>Items of a group where each works alone.</summary>
    public const int FlatGroup = 64;

    /// <summary>Vectors [samples, heads, t] in scan order: α, dt, exp(α), exp(α_last - α), and the last times dt.</summary>
    public const int Alpha = 0, Step = 1, Rise = 2, Fall = 3, Push = 4;

    /// <summary>The first vector that only backward has.</summary>
    public const int Backward = 5;

    private const int Side = GpuTile.Side;

    /// <summary>Row of the sample's memory that holds scan step <paramref name="i"/>.</summary>
    public static long Row(GpuArguments a, int sample, int i) => (long)sample * a.I0 + (a.I8 > 0 ? i : a.I0 - 1 - i);

    /// <summary>Offset of a vector of one head.</summary>
    public static long Vector(GpuArguments a, int kind, int sample, int head) => a.R8 + (((long)kind * a.I10 + sample) * a.I2 + head) * a.I0;

    /// <summary>Offset of row <paramref name="i"/> (of the sequence) of G or dG.</summary>
    public static long GramRow(GpuArguments a, long matrix, int sample, int group, int i) => matrix + (((long)sample * a.I3 + group) * a.I0 + i) * a.I15;

    /// <summary>Offset of a state [n, P] of a chunk, from R11 or R12.</summary>
    public static long State(GpuArguments a, long states, int sample, int head, int chunk) => states + (((long)sample * a.I2 + head) * a.I7 + chunk) * a.I4 * a.I5;

    /// <summary>Offset of x, at the head's columns, of scan step <paramref name="i"/>.</summary>
    public static long X(GpuArguments a, int sample, int head, int i) => a.R0 + Row(a, sample, i) * a.I9 + head * a.I5;

    /// <summary>Offset of dy or y likewise.</summary>
    public static long Y(GpuArguments a, int sample, int head, int i) => a.R4 + Row(a, sample, i) * a.I1 + head * a.I5;

    /// <summary>Offset, within a row of xbc, of the group's B; with <paramref name="second"/> 1, of its C.</summary>
    public static int Columns(GpuArguments a, int group, int second) => a.I1 + (second * a.I3 + group) * a.I4;

    public static int GroupOf(GpuArguments a, int head) => head / (a.I2 / a.I3);

    /// <summary>Positions of the chunk that starts at <paramref name="first"/>.</summary>
    public static int Rows(GpuArguments a, int first) => a.I0 - first < a.I6 ? a.I0 - first : a.I6;

    /// <summary>One item a chunk of one head; heads are neighbours, as in dt.</summary>
    public static void Decay(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        long run = (long)Grid.IdxX * Group.DimX + Group.IdxX;
        if (run >= (long)a.I10 * a.I7 * a.I2)
        {
            return;
        }

        int head = (int)(run % a.I2), chunk = (int)(run / a.I2 % a.I7), sample = (int)(run / a.I2 / a.I7);
        int first = chunk * a.I6, end = first + Rows(a, first);
        long alpha = Vector(a, Alpha, sample, head), step = Vector(a, Step, sample, head), rise = Vector(a, Rise, sample, head);
        long fall = Vector(a, Fall, sample, head), push = Vector(a, Push, sample, head);
        float rate = -MathF.Exp(floats[a.R2 + head]), sum = 0;
        for (int i = first; i < end; i++)
        {
            float value = floats[a.R1 + Row(a, sample, i) * a.I2 + head];
            sum += value * rate;
            floats[step + i] = value;
            floats[alpha + i] = sum;
            floats[rise + i] = Float4.Decay(sum);
        }

        for (int i = first; i < end; i++)
        {
            float value = Float4.Decay(sum - floats[alpha + i]);
            floats[fall + i] = value;
            floats[push + i] = value * floats[step + i];
        }
    }

    /// <summary>G = C Bᵀ, one group a tile on or below the diagonal of a chunk.</summary>
    public static void Gram<M>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where M : struct, IGpuScanProducts
    {
        M.Open(out var left, out var right);
        int blocks = a.I11, unit = Grid.IdxX, j0 = unit % blocks * Side, i0 = unit / blocks % blocks * Side;
        unit = unit / blocks / blocks;
        int first = unit % a.I7 * a.I6, group = unit / a.I7 % a.I3, sample = unit / a.I7 / a.I3, rows = Rows(a, first);
        if (j0 > i0 || i0 >= rows)
        {
            return;
        }

        long along = (long)a.I8 * a.I9;
        GpuTile sum = M.Multiply(
            floats, left, right, default,
            a.R0 + Row(a, sample, first + i0) * a.I9 + Columns(a, group, 1), along, 1, rows - i0,
            a.R0 + Row(a, sample, first + j0) * a.I9 + Columns(a, group, 0), along, 1, rows - j0, a.I4, -1);
        GpuTile.Store(floats, GramRow(a, a.R9, sample, group, first + i0) + j0, a.I15, rows - i0, rows - j0, sum);
    }

    /// <summary>States at the starts of chunks 1 .., one group a tile of the state of a head: S = exp(α_last) S + Σ_j push_j B_j ⊗ x_j.</summary>
    public static void States<M>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where M : struct, IGpuScanProducts
    {
        M.Open(out var left, out var right);
        int unit = Grid.IdxX, p0 = unit % a.I13 * Side, n0 = unit / a.I13 % a.I12 * Side;
        unit = unit / a.I13 / a.I12;
        int head = unit % a.I2, sample = unit / a.I2;
        long along = (long)a.I8 * a.I9, rise = Vector(a, Rise, sample, head), push = Vector(a, Push, sample, head);
        int columns = Columns(a, GroupOf(a, head), 0);
        GpuTile sum = default;
        for (int chunk = 0; chunk + 1 < a.I7; chunk++)
        {
            int first = chunk * a.I6;
            sum = M.Multiply(
                floats, left, right, floats[rise + first + a.I6 - 1] * sum,
                a.R0 + Row(a, sample, first) * a.I9 + columns + n0, 1, along, a.I4 - n0,
                X(a, sample, head, first) + p0, 1, along, a.I5 - p0, a.I6, push + first);
            GpuTile.Store(floats, State(a, a.R11, sample, head, chunk + 1) + (long)n0 * a.I5 + p0, a.I5, a.I4 - n0, a.I5 - p0, sum);
        }
    }

    /// <summary>y, one group 64 positions of a chunk by 64 features of a head: rise (C S) + M x + D x.</summary>
    public static void Output<M>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where M : struct, IGpuScanProducts
    {
        M.Open(out var left, out var right);
        int unit = Grid.IdxX, p0 = unit % a.I13 * Side, i0 = unit / a.I13 % a.I11 * Side;
        unit = unit / a.I13 / a.I11;
        int chunk = unit % a.I7, head = unit / a.I7 % a.I2, sample = unit / a.I7 / a.I2, first = chunk * a.I6, rows = Rows(a, first);
        if (i0 >= rows)
        {
            return;
        }

        int group = GroupOf(a, head);
        long along = (long)a.I8 * a.I9, alpha = Vector(a, Alpha, sample, head) + first, step = Vector(a, Step, sample, head) + first;
        GpuTile sum = default;
        if (chunk > 0)
        {
            sum = M.Multiply(
                floats, left, right, default,
                a.R0 + Row(a, sample, first + i0) * a.I9 + Columns(a, group, 1), along, 1, rows - i0,
                State(a, a.R11, sample, head, chunk) + p0, 1, a.I5, a.I5 - p0, a.I4, -1);
            sum = GpuTile.Vector(floats, Vector(a, Rise, sample, head) + first + i0, GpuTile.Row, rows - i0) * sum;
        }

        // G is defined up to the diagonal: behind it a row needs no products.
        int end = i0 + Side < rows ? i0 + Side : rows;
        sum = M.MultiplyDecayed(
            floats, left, right, sum,
            new DecayedGram(GramRow(a, a.R9, sample, group, first + i0), a.I15, 1, alpha + i0, alpha, i0, 1), rows - i0,
            X(a, sample, head, first) + p0, along, a.I5 - p0, end, step);
        GpuTile x = M.Load(floats, X(a, sample, head, first + i0) + p0, along, rows - i0, a.I5 - p0);
        M.Store(floats, Y(a, sample, head, first + i0) + p0, (long)a.I8 * a.I1, rows - i0, a.I5 - p0, sum + floats[a.R3 + head] * x);
    }
}
