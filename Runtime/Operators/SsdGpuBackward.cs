using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>Kernels of the backward of <see cref="SsdScan"/> (mamba2.md 3.3, "RowCol"); arguments and layout as in <see cref="SsdGpu"/>.</summary>
internal static class SsdGpuBackward
{
    private const int Side = GpuTile.Side;

    /// <summary>
    /// E at the ends of chunks, last to first, one group a tile of the state of a head: E = exp(α_last) E + Σ_i rise_i C_i ⊗ dy_i. On the way
    /// the tile's part of T = exp(α_last) ⟨E, H⟩.
    /// </summary>
    public static void StateGradients<M>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where M : struct, IGpuScanProducts
    {
        M.Open(out var left, out var right);
        var parts = SharedMemory.Allocate<float>(GpuTile.GroupSize);
        int tile = Grid.IdxX % (a.I13 * a.I12), unit = Grid.IdxX / (a.I13 * a.I12), p0 = tile % a.I13 * Side, n0 = tile / a.I13 * Side;
        int head = unit % a.I2, sample = unit / a.I2;
        long along = (long)a.I8 * a.I9, rise = SsdGpu.Vector(a, SsdGpu.Rise, sample, head), corner = (long)n0 * a.I5 + p0;
        int columns = SsdGpu.Columns(a, SsdGpu.GroupOf(a, head), 1);
        GpuTile e = default;
        for (int chunk = a.I7 - 1; chunk > 0; chunk--)
        {
            int first = chunk * a.I6, rows = SsdGpu.Rows(a, first);
            float decay = floats[rise + first + rows - 1];
            GpuTile h = GpuTile.Load(floats, SsdGpu.State(a, a.R11, sample, head, chunk) + corner, a.I5, a.I4 - n0, a.I5 - p0);
            Group.Barrier();
            parts[Group.IdxX] = decay * (e * h).RowSums.Sum;
            Group.Barrier();
            for (int half = GpuTile.GroupSize / 2; half > 0; half /= 2)
            {
                if (Group.IdxX < half)
                {
                    parts[Group.IdxX] += parts[Group.IdxX + half];
                }

                Group.Barrier();
            }

            if (Group.IdxX == 0)
            {
                floats[Total(a, sample, head, chunk) + tile] = parts[0];
            }

            e = M.Multiply(
                floats, left, right, decay * e,
                a.R0 + SsdGpu.Row(a, sample, first) * a.I9 + columns + n0, 1, along, a.I4 - n0,
                SsdGpu.Y(a, sample, head, first) + p0, 1, (long)a.I8 * a.I1, a.I5 - p0, rows, rise + first);
            GpuTile.Store(floats, SsdGpu.State(a, a.R12, sample, head, chunk - 1) + corner, a.I5, a.I4 - n0, a.I5 - p0, e);
        }
    }

    /// <summary>
    /// dG of a tile on or below the diagonal of a chunk, summed over the heads of the group: K = dy xᵀ, dG += K l dt; and each head's row and
    /// column sums of Z = dG_head G below the diagonal, which never reaches α itself.
    /// </summary>
    public static void GramGradient<M>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where M : struct, IGpuScanProducts
    {
        M.Open(out var left, out var right);
        int blocks = a.I11, unit = Grid.IdxX, column = unit % blocks, row = unit / blocks % blocks, j0 = column * Side, i0 = row * Side;
        unit = unit / blocks / blocks;
        int first = unit % a.I7 * a.I6, group = unit / a.I7 % a.I3, sample = unit / a.I7 / a.I3, rows = SsdGpu.Rows(a, first), each = a.I2 / a.I3;
        if (j0 > i0 || i0 >= rows)
        {
            return;
        }

        GpuTile gram = GpuTile.Load(floats, SsdGpu.GramRow(a, a.R9, sample, group, first + i0) + j0, a.I15, rows - i0, rows - j0);
        GpuTile sum = default;
        for (int head = group * each; head < (group + 1) * each; head++)
        {
            long alpha = SsdGpu.Vector(a, SsdGpu.Alpha, sample, head) + first;
            GpuTile k = M.Multiply(
                floats, left, right, default,
                SsdGpu.Y(a, sample, head, first + i0), (long)a.I8 * a.I1, 1, rows - i0,
                SsdGpu.X(a, sample, head, first + j0), (long)a.I8 * a.I9, 1, rows - j0, a.I5, -1);
            Float4 own = GpuTile.Vector(floats, alpha + i0, GpuTile.Row, rows - i0), other = GpuTile.Vector(floats, alpha + j0, GpuTile.Column, rows - j0);
            Float4 step = GpuTile.Vector(floats, SsdGpu.Vector(a, SsdGpu.Step, sample, head) + first + j0, GpuTile.Column, rows - j0);
            GpuTile decay = new(
                step * Float4.Decay(own.X, other), step * Float4.Decay(own.Y, other), step * Float4.Decay(own.Z, other), step * Float4.Decay(own.W, other));
            GpuTile gradient = GpuTile.Lower(k * decay, i0, j0);
            sum += gradient;
            GpuTile z = GpuTile.Lower(gradient * gram, i0 - 1, j0);
            Group.Barrier();
            left[GpuTile.RowSlot] = z.RowSums;
            right[GpuTile.ColumnSlot] = z.ColumnSums;
            Group.Barrier();
            int line = Group.IdxX & 63;
            if (Group.IdxX < Side)
            {
                if (i0 + line < rows)
                {
                    floats[SsdGpu.Vector(a, RowSums(a) + column, sample, head) + first + i0 + line] = GpuTile.Sum(left, line);
                }
            }
            else if (Group.IdxX < 2 * Side && j0 + line < rows)
            {
                floats[SsdGpu.Vector(a, ColumnSums(a) + row, sample, head) + first + j0 + line] = GpuTile.Sum(right, line);
            }
        }

        GpuTile.Store(floats, SsdGpu.GramRow(a, a.R10, sample, group, first + i0) + j0, a.I15, rows - i0, rows - j0, sum);
    }

    /// <summary>
    /// One group 64 positions of a chunk by 64 features of a head: q = fall (B E) + (G l)ᵀ dy, dx = dt q + D dy; and the parts of
    /// q·x and dy·x that these features give.
    /// </summary>
    public static void InputGradient<M>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where M : struct, IGpuScanProducts
    {
        M.Open(out var left, out var right);
        int unit = Grid.IdxX, feature = unit % a.I13, p0 = feature * Side, j0 = unit / a.I13 % a.I11 * Side;
        unit = unit / a.I13 / a.I11;
        int chunk = unit % a.I7, head = unit / a.I7 % a.I2, sample = unit / a.I7 / a.I2, first = chunk * a.I6, rows = SsdGpu.Rows(a, first);
        if (j0 >= rows)
        {
            return;
        }

        int group = SsdGpu.GroupOf(a, head), room = rows - j0, wide = a.I5 - p0;
        long along = (long)a.I8 * a.I9, alongY = (long)a.I8 * a.I1, alpha = SsdGpu.Vector(a, SsdGpu.Alpha, sample, head) + first;
        GpuTile x = M.Load(floats, SsdGpu.X(a, sample, head, first + j0) + p0, along, room, wide);
        GpuTile q = default;
        if (chunk + 1 < a.I7)
        {
            q = M.Multiply(
                floats, left, right, default,
                a.R0 + SsdGpu.Row(a, sample, first + j0) * a.I9 + SsdGpu.Columns(a, group, 0), along, 1, room,
                SsdGpu.State(a, a.R12, sample, head, chunk) + p0, 1, a.I5, wide, a.I4, -1);
            q = GpuTile.Vector(floats, SsdGpu.Vector(a, SsdGpu.Fall, sample, head) + first + j0, GpuTile.Row, room) * q;
        }

        q = M.MultiplyDecayed(
            floats, left, right, q,
            new DecayedGram(SsdGpu.GramRow(a, a.R9, sample, group, first + j0) + j0, 1, a.I15, alpha + j0, alpha + j0, 0, -1), room,
            SsdGpu.Y(a, sample, head, first + j0) + p0, alongY, wide, room, -1);
        GpuTile dy = M.Load(floats, SsdGpu.Y(a, sample, head, first + j0) + p0, alongY, room, wide);
        Float4 step = GpuTile.Vector(floats, SsdGpu.Vector(a, SsdGpu.Step, sample, head) + first + j0, GpuTile.Row, room);
        M.Store(
            floats, a.R5 + SsdGpu.Row(a, sample, first + j0) * a.I9 + head * a.I5 + p0, along, room, wide, step * q + floats[a.R3 + head] * dy);
        Group.Barrier();
        left[GpuTile.RowSlot] = (q * x).RowSums;
        right[GpuTile.RowSlot] = (dy * x).RowSums;
        Group.Barrier();
        int line = Group.IdxX;
        if (line < Side && line < room)
        {
            int at = first + j0 + line;
            floats[SsdGpu.Vector(a, Inputs(a) + feature, sample, head) + at] = GpuTile.Sum(left, line);
            floats[SsdGpu.Vector(a, Skips(a) + feature, sample, head) + at] = GpuTile.Sum(right, line);
        }
    }

    /// <summary>
    /// dC (I14 = 0) or dB (1), one group 64 positions of a chunk by 64 of the state, heads in order: dC = dG B + Σ_h rise (dy H),
    /// dB = dGᵀ C + Σ_h push (x E); and the parts of R and V, which are the heads' terms times C and B.
    /// </summary>
    public static void StateVectorGradient<M>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where M : struct, IGpuScanProducts
    {
        M.Open(out var left, out var right);
        int unit = Grid.IdxX, block = unit % a.I12, n0 = block * Side, i0 = unit / a.I12 % a.I11 * Side;
        unit = unit / a.I12 / a.I11;
        int chunk = unit % a.I7, group = unit / a.I7 % a.I3, sample = unit / a.I7 / a.I3, first = chunk * a.I6, rows = SsdGpu.Rows(a, first);
        if (i0 >= rows)
        {
            return;
        }

        bool ofC = a.I14 == 0;
        int room = rows - i0, wide = a.I4 - n0, each = a.I2 / a.I3, end = i0 + Side < rows ? i0 + Side : rows, from = ofC ? 0 : i0;
        long along = (long)a.I8 * a.I9;
        GpuTile sum = M.Multiply(
            floats, left, right, default,
            SsdGpu.GramRow(a, a.R10, sample, group, first + i0) + from, ofC ? a.I15 : 1, ofC ? 1 : a.I15, room,
            a.R0 + SsdGpu.Row(a, sample, first + from) * a.I9 + SsdGpu.Columns(a, group, a.I14) + n0, 1, along, wide, ofC ? end : room, -1);
        // The group's own vectors, against which each head's term is held: C for R, B for V.
        GpuTile own = M.Load(floats, a.R0 + SsdGpu.Row(a, sample, first + i0) * a.I9 + SsdGpu.Columns(a, group, 1 - a.I14) + n0, along, room, wide);
        int to = (ofC ? chunk > 0 : chunk + 1 < a.I7) ? (group + 1) * each : group * each;
        for (int head = group * each; head < to; head++)
        {
            GpuTile one = M.Multiply(
                floats, left, right, default,
                ofC ? SsdGpu.Y(a, sample, head, first + i0) : SsdGpu.X(a, sample, head, first + i0), ofC ? (long)a.I8 * a.I1 : along, 1, room,
                SsdGpu.State(a, ofC ? a.R11 : a.R12, sample, head, chunk) + (long)n0 * a.I5, a.I5, 1, wide, a.I5, -1);
            one = GpuTile.Vector(floats, SsdGpu.Vector(a, ofC ? SsdGpu.Rise : SsdGpu.Push, sample, head) + first + i0, GpuTile.Row, room) * one;
            sum += one;

            // Never under a condition, even one that all items share: PoCL 3.1 gets a conditional barrier inside a loop wrong.
            Group.Barrier();
            left[GpuTile.RowSlot] = (one * own).RowSums;
            Group.Barrier();
            if (Group.IdxX < Side && Group.IdxX < room)
            {
                floats[SsdGpu.Vector(a, (ofC ? Starts(a) : Ends(a)) + block, sample, head) + first + i0 + Group.IdxX] = GpuTile.Sum(left, Group.IdxX);
            }
        }

        M.Store(
            floats, a.R5 + SsdGpu.Row(a, sample, first + i0) * a.I9 + SsdGpu.Columns(a, group, 1 - a.I14) + n0, along, room, wide, sum);
    }

    /// <summary>
    /// One item a head of a sample: d(dt A) is the exclusive prefix of column - row sums of Z and of V, and the inclusive suffix of R started
    /// at T; from it d dt and the sample's dA_log and dD.
    /// </summary>
    public static void Assemble(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        int item = Grid.IdxX * Group.DimX + Group.IdxX, head = item % a.I2, sample = item / a.I2;
        if (sample >= a.I10)
        {
            return;
        }

        float rate = -MathF.Exp(floats[a.R2 + head]), da = 0, dd = 0;
        long step = SsdGpu.Vector(a, SsdGpu.Step, sample, head), column = SsdGpu.Vector(a, SsdGpu.Backward, sample, head);
        for (int chunk = a.I7 - 1; chunk >= 0; chunk--)
        {
            int first = chunk * a.I6, rows = SsdGpu.Rows(a, first), blocks = (rows + Side - 1) / Side;
            bool later = chunk + 1 < a.I7, earlier = chunk > 0;
            float z = 0, prefix = 0;
            for (int i = 0; i < rows; i++)
            {
                int block = i / Side;
                floats[column + first + i] = z + prefix;
                z += Parts(floats, a, ColumnSums(a), block, blocks, sample, head, first + i) - Parts(floats, a, RowSums(a), 0, block + 1, sample, head, first + i);
                prefix += later ? Parts(floats, a, Ends(a), 0, a.I12, sample, head, first + i) : 0;
            }

            float suffix = 0;
            for (int tile = 0; later && earlier && tile < a.I12 * a.I13; tile++)
            {
                suffix += floats[Total(a, sample, head, chunk) + tile];
            }

            for (int i = rows - 1; i >= 0; i--)
            {
                suffix += earlier ? Parts(floats, a, Starts(a), 0, a.I12, sample, head, first + i) : 0;
                float value = floats[column + first + i] + suffix;
                floats[a.R6 + SsdGpu.Row(a, sample, first + i) * a.I2 + head] = Parts(floats, a, Inputs(a), 0, a.I13, sample, head, first + i) + rate * value;
                da += floats[step + first + i] * value;
                dd += Parts(floats, a, Skips(a), 0, a.I13, sample, head, first + i);
            }
        }

        floats[a.R7 + (long)sample * 2 * a.I2 + head] = da * rate;
        floats[a.R7 + (long)sample * 2 * a.I2 + a.I2 + head] = dd;
    }

    /// <summary>Adds the samples' partial sums in order, one item a head. R0 partial, R1 dA_log, R2 dD, R3 batch, I0 heads.</summary>
    public static void Parameters(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        int head = Grid.IdxX * Group.DimX + Group.IdxX, heads = a.I0;
        if (head >= heads)
        {
            return;
        }

        float da = floats[a.R1 + head], dd = floats[a.R2 + head];
        for (long sample = 0; sample < a.R3; sample++)
        {
            da += floats[a.R0 + sample * 2 * heads + head];
            dd += floats[a.R0 + sample * 2 * heads + heads + head];
        }

        floats[a.R1 + head] = da;
        floats[a.R2 + head] = dd;
    }

    // The vectors of backward, after the one in which Assemble keeps its prefix: a part for each block of 64 of the other axis.
    private static int RowSums(GpuArguments a) => SsdGpu.Backward + 1;

    private static int ColumnSums(GpuArguments a) => RowSums(a) + a.I11;

    private static int Ends(GpuArguments a) => ColumnSums(a) + a.I11;

    private static int Inputs(GpuArguments a) => Ends(a) + a.I12;

    private static int Skips(GpuArguments a) => Inputs(a) + a.I13;

    private static int Starts(GpuArguments a) => Skips(a) + a.I13;

    private static long Total(GpuArguments a, int sample, int head, int chunk) => a.R13 + (((long)sample * a.I2 + head) * a.I7 + chunk) * a.I12 * a.I13;

    private static float Parts(ArrayView<float> floats, GpuArguments a, int kind, int from, int end, int sample, int head, int i)
    {
        float sum = 0;
        for (int part = from; part < end; part++)
        {
            sum += floats[SsdGpu.Vector(a, kind + part, sample, head) + i];
        }

        return sum;
    }
}
