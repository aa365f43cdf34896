using Graph.Execution;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Graph.Operators;

/// <summary>
/// The scan's products on tensor cores: factors are rounded to bfloat16 on their way to shared memory, sums are float32. The group is the portable
/// kernels', 256 threads for 64 x 64, so that what happens between products stays theirs, word for word.
/// <para>
/// Why so, and not by the emitted products (<see cref="TensorCoreKernels"/>) or emitted scan kernels: as separate products each head's decayed G and
/// each head's dy H would go through memory, which costs more than the products do; and a second text of seven kernels would be wrong in its
/// own ways. The price: sums change hands through shared memory once a product, about what loading one panel costs, and a panel is not loaded while
/// the one before is multiplied; the groups of a multiprocessor hide each other's loads instead.
/// </para>
/// <para>
/// Sums live in named PTX registers, as in the emitted kernels: ILGPU would keep what inline assembly changes in local memory. Warps are four down
/// and two across, each 16 x 32.
/// </para>
/// </summary>
/// <typeparam name="S">Of operands and results.</typeparam>
internal readonly struct TensorCoreScanProducts<S> : IGpuScanProducts
    where S : struct, IGpuStorage
{
    /// <summary>Depth of a panel: a line of one row of A, or of one column of B, is 128 bytes in eight chunks.</summary>
    private const int Depth = 64;

    private const int LineBytes = Depth * 2;

    /// <summary>Assembly has sizes as digits: two panels are 16384 bytes, and 16 lines 2048.</summary>
    private const int PanelBytes = GpuTile.Side * LineBytes;

    /// <summary>Floats of a row of sums in shared memory: one vector more than its columns, as in every tile.</summary>
    private const int Pitch = GpuTile.Pitch * 4;

    /// <summary>The tile of sums, in which reductions have their room too, and the registers and the two panels that only assembly sees.</summary>
    public static void Open(out ArrayView<Float4> left, out ArrayView<Float4> right)
    {
        left = SharedMemory.Allocate<Float4>(GpuTile.Whole);
        right = left.SubView(GpuTile.Panel, GpuTile.Panel);
        CudaAsm.Emit(".shared .align 128 .b8 panels[16384]; .reg .u32 panel; mov.u32 panel, panels;");
        CudaAsm.Emit(".reg .f32 sum<16>; .reg .b32 left<4>, right<8>;");
    }

    public static GpuTile Multiply(
        ArrayView<float> floats, ArrayView<Float4> left, ArrayView<Float4> right, GpuTile sum,
        long a, long aRow, long aDepth, int rows, long b, long bColumn, long bDepth, int columns, int depth, long scale)
    {
        Clear();
        for (int first = 0; first < depth; first += Depth)
        {
            Group.Barrier();
            Load(floats, 0, a + first * aDepth, aRow, aDepth, rows, depth - first, -1);
            Load(floats, PanelBytes, b + first * bDepth, bColumn, bDepth, columns, depth - first, scale < 0 ? -1 : scale + first);
            Group.Barrier();
            Accumulate(depth - first);
        }

        return sum + Sums(left);
    }

    public static GpuTile MultiplyDecayed(
        ArrayView<float> floats, ArrayView<Float4> left, ArrayView<Float4> right, GpuTile sum,
        DecayedGram a, int rows, long b, long bDepth, int columns, int depth, long scale)
    {
        Clear();
        for (int first = 0; first < depth; first += Depth)
        {
            Group.Barrier();
            Load(floats, a.From(first), rows, depth - first);
            Load(floats, PanelBytes, b + first * bDepth, 1, bDepth, columns, depth - first, scale < 0 ? -1 : scale + first);
            Group.Barrier();
            Accumulate(depth - first);
        }

        return sum + Sums(left);
    }

    public static GpuTile Load(ArrayView<float> floats, long at, long rowStride, int rows, int columns) =>
        S.IsBfloat16(at) ? GpuTile.Load<Bfloat16Storage>(floats, at, rowStride, rows, columns) : GpuTile.Load(floats, at, rowStride, rows, columns);

    public static void Store(ArrayView<float> floats, long at, long rowStride, int rows, int columns, GpuTile tile)
    {
        if (S.IsBfloat16(at))
        {
            GpuTile.Store<Bfloat16Storage>(floats, at, rowStride, rows, columns, tile);
        }
        else
        {
            GpuTile.Store(floats, at, rowStride, rows, columns, tile);
        }
    }

    /// <summary>A panel of a factor, times its scales; zero beyond rows and depth. Items of neighbouring numbers read neighbouring elements.</summary>
    private static void Load(ArrayView<float> floats, int panel, long at, long rowStride, long depthStride, int rows, int depth, long scale)
    {
        if (S.IsBfloat16(at))
        {
            Load<Bfloat16Storage>(floats, panel, at, rowStride, depthStride, rows, depth, scale);
        }
        else
        {
            Load<Float32Storage>(floats, panel, at, rowStride, depthStride, rows, depth, scale);
        }
    }

    /// <summary>The same of a factor whose storage is known.</summary>
    private static void Load<F>(ArrayView<float> floats, int panel, long at, long rowStride, long depthStride, int rows, int depth, long scale)
        where F : struct, IGpuStorage
    {
        bool deep = depthStride == 1;
        int row = FirstRow(deep), k = FirstStep(deep);
        for (int half = 0; half < 2; half++)
        {
            if (k < Whole(depth))
            {
                long line = at + (row < rows ? row : rows - 1) * rowStride;
                Float4 low = Quad<F>(floats, line, depthStride, k, depth), high = Quad<F>(floats, line, depthStride, k + 4, depth);
                if (scale >= 0)
                {
                    low *= GpuTile.Vector(floats, scale, k / 4, depth);
                    high *= GpuTile.Vector(floats, scale, (k / 4) + 1, depth);
                }

                int end = row < rows ? depth : 0;
                Store(panel, row, k, GpuTile.Columns(low, end - k, 0), GpuTile.Columns(high, end - k - 4, 0));
            }

            row += deep ? GpuTile.Side / 2 : 0;
            k += deep ? 0 : Depth / 2;
        }
    }

    /// <summary>A panel of G with its decays.</summary>
    private static void Load(ArrayView<float> floats, DecayedGram a, int rows, int depth)
    {
        bool deep = a.DepthStride == 1;
        int row = FirstRow(deep), k = FirstStep(deep);
        for (int half = 0; half < 2; half++)
        {
            if (k < Whole(depth))
            {
                Store(0, row, k, Decayed(floats, a, row, k, rows, depth), Decayed(floats, a, row, k + 4, rows, depth));
            }

            row += deep ? GpuTile.Side / 2 : 0;
            k += deep ? 0 : Depth / 2;
        }
    }

    /// <summary>Four of its elements.</summary>
    private static Float4 Decayed(ArrayView<float> floats, DecayedGram a, int row, int k, int rows, int depth)
    {
        int inside = row < rows ? row : rows - 1, diagonal = row + a.Ahead, end = row < rows ? depth : 0;
        int from = a.Sign > 0 ? 0 : diagonal, to = a.Sign > 0 && diagonal < end ? diagonal + 1 : end;
        Float4 decay = Float4.Decay(a.Sign * floats[a.AlphaRow + inside], a.Sign * GpuTile.Vector(floats, a.AlphaDepth, k / 4, depth));
        Float4 value = decay * Quad<Float32Storage>(floats, a.At + inside * a.RowStride, a.DepthStride, k, depth);

        // Without branches: both sides of a short-circuit would be one.
        return new Float4(
            k >= from & k < to ? value.X : 0,
            k + 1 >= from & k + 1 < to ? value.Y : 0,
            k + 2 >= from & k + 2 < to ? value.Z : 0,
            k + 3 >= from & k + 3 < to ? value.W : 0);
    }

    /// <summary>Four elements of a line; behind its end its last one or the rest of a vector, which the caller chooses away.</summary>
    private static Float4 Quad<F>(ArrayView<float> floats, long line, long depthStride, int k, int depth)
        where F : struct, IGpuStorage
    {
        int last = depth - 1;
        if (depthStride == 1)
        {
            return F.LoadQuad(floats, line + (k < depth ? k : last));
        }

        long x = line + ((k < last ? k : last) * depthStride), y = x + (k < last ? depthStride : 0);
        long z = y + (k + 1 < last ? depthStride : 0), w = z + (k + 2 < last ? depthStride : 0);
        return new Float4(F.Load(floats, x), F.Load(floats, y), F.Load(floats, z), F.Load(floats, w));
    }

    /// <summary>
    /// A chunk of eight, rounded, to its place: chunks of a line are swapped by the line's number, so that eight lines read at once lie in all 32 banks.
    /// The first source of a conversion becomes the upper half.
    /// </summary>
    private static void Store(int panel, int row, int k, Float4 low, Float4 high) => CudaAsm.Emit(
        "{ .reg .b32 pair<4>; .reg .u32 to; add.u32 to, panel, %0; cvt.rn.bf16x2.f32 pair0, %2, %1; cvt.rn.bf16x2.f32 pair1, %4, %3; cvt.rn.bf16x2.f32 pair2, %6, %5; cvt.rn.bf16x2.f32 pair3, %8, %7; st.shared.v4.b32 [to], {pair0,pair1,pair2,pair3}; }",
        panel + (row * LineBytes) + (((k / 8) ^ (row & 7)) * 16), low.X, low.Y, low.Z, low.W, high.X, high.Y, high.Z, high.W);

    private static void Clear()
    {
        CudaAsm.Emit("mov.f32 sum0, 0f00000000; mov.f32 sum1, 0f00000000; mov.f32 sum2, 0f00000000; mov.f32 sum3, 0f00000000;");
        CudaAsm.Emit("mov.f32 sum4, 0f00000000; mov.f32 sum5, 0f00000000; mov.f32 sum6, 0f00000000; mov.f32 sum7, 0f00000000;");
        CudaAsm.Emit("mov.f32 sum8, 0f00000000; mov.f32 sum9, 0f00000000; mov.f32 sum10, 0f00000000; mov.f32 sum11, 0f00000000;");
        CudaAsm.Emit("mov.f32 sum12, 0f00000000; mov.f32 sum13, 0f00000000; mov.f32 sum14, 0f00000000; mov.f32 sum15, 0f00000000;");
    }

    /// <summary>
    /// The products of two panels, 16 deep at a time. Which lane gives the address of which matrix row decides what lands in which register
    /// (PTX ISA: fragments of mma.m16n8k16, ldmatrix): of A, rows 0-7 and 8-15 at one k, then at the next; of B, both k of one column block, then of the next.
    /// </summary>
    private static void Accumulate(int depth)
    {
        int low = Group.IdxX & 7, middle = (Group.IdxX >> 3) & 1, high = (Group.IdxX >> 4) & 1;
        int leftLine = (WarpRow + low + (middle * 8)) * LineBytes, rightLine = PanelBytes + ((WarpColumn + low + (high * 8)) * LineBytes);
        for (int chunk = 0; chunk < Whole(depth) / 8; chunk += 2)
        {
            CudaAsm.Emit("{ .reg .u32 at; add.u32 at, panel, %0; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {left0,left1,left2,left3}, [at]; }", leftLine + (((chunk + high) ^ low) * 16));
            CudaAsm.Emit("{ .reg .u32 at; add.u32 at, panel, %0; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {right0,right1,right2,right3}, [at]; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {right4,right5,right6,right7}, [at+2048]; }", rightLine + (((chunk + middle) ^ low) * 16));
            CudaAsm.Emit("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {sum0,sum1,sum2,sum3}, {left0,left1,left2,left3}, {right0,right1}, {sum0,sum1,sum2,sum3};");
            CudaAsm.Emit("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {sum4,sum5,sum6,sum7}, {left0,left1,left2,left3}, {right2,right3}, {sum4,sum5,sum6,sum7};");
            CudaAsm.Emit("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {sum8,sum9,sum10,sum11}, {left0,left1,left2,left3}, {right4,right5}, {sum8,sum9,sum10,sum11};");
            CudaAsm.Emit("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {sum12,sum13,sum14,sum15}, {left0,left1,left2,left3}, {right6,right7}, {sum12,sum13,sum14,sum15};");
        }
    }

    /// <summary>From a lane's registers, pairs of columns in two rows of each block of eight columns, to an item's 4 x 4 of a tile.</summary>
    private static GpuTile Sums(ArrayView<Float4> tile)
    {
        ArrayView<float> sums = tile.Cast<float>();
        int lane = Group.IdxX & 31, up = ((WarpRow + (lane >> 2)) * Pitch) + WarpColumn + ((lane & 3) * 2), down = up + (8 * Pitch);
        CudaAsm.Emit("mov.f32 %0, sum0;", out sums[up]);
        CudaAsm.Emit("mov.f32 %0, sum1;", out sums[up + 1]);
        CudaAsm.Emit("mov.f32 %0, sum2;", out sums[down]);
        CudaAsm.Emit("mov.f32 %0, sum3;", out sums[down + 1]);
        CudaAsm.Emit("mov.f32 %0, sum4;", out sums[up + 8]);
        CudaAsm.Emit("mov.f32 %0, sum5;", out sums[up + 9]);
        CudaAsm.Emit("mov.f32 %0, sum6;", out sums[down + 8]);
        CudaAsm.Emit("mov.f32 %0, sum7;", out sums[down + 9]);
        CudaAsm.Emit("mov.f32 %0, sum8;", out sums[up + 16]);
        CudaAsm.Emit("mov.f32 %0, sum9;", out sums[up + 17]);
        CudaAsm.Emit("mov.f32 %0, sum10;", out sums[down + 16]);
        CudaAsm.Emit("mov.f32 %0, sum11;", out sums[down + 17]);
        CudaAsm.Emit("mov.f32 %0, sum12;", out sums[up + 24]);
        CudaAsm.Emit("mov.f32 %0, sum13;", out sums[up + 25]);
        CudaAsm.Emit("mov.f32 %0, sum14;", out sums[down + 24]);
        CudaAsm.Emit("mov.f32 %0, sum15;", out sums[down + 25]);
        Group.Barrier();
        int at = (4 * GpuTile.Row * GpuTile.Pitch) + GpuTile.Column;
        return new GpuTile(tile[at], tile[at + GpuTile.Pitch], tile[at + (2 * GpuTile.Pitch)], tile[at + (3 * GpuTile.Pitch)]);
    }

    private static int WarpRow => ((Group.IdxX >> 5) & 3) * 16;

    private static int WarpColumn => (Group.IdxX >> 7) * 32;

    /// <summary>Eight items read a line side by side; or neighbouring items neighbouring lines.</summary>
    private static int FirstRow(bool deep) => deep ? Group.IdxX >> 3 : Group.IdxX & 63;

    private static int FirstStep(bool deep) => deep ? (Group.IdxX & 7) * 8 : (Group.IdxX >> 6) * 8;

    /// <summary>Depth of a panel's products: whole fragments.</summary>
    private static int Whole(int depth) => depth < Depth ? (depth + 15) / 16 * 16 : Depth;
}
