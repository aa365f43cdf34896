using Graph.Execution;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Graph.Tests.Gpu;

/// <summary>
/// A product of bf16 matrices on tensor cores, the smallest with all that large ones have: asynchronous copies in three stages, swizzled
/// tiles, fragments by ldmatrix. C[m, n] = A[m, k] · Bᵀ[n, k], extents multiples of 16; one group of 64 a 16 x 16 tile of C, a warp half of it.
/// </summary>
internal static class Bf16Product
{
    public const int Tile = 16;

    public const int GroupSize = 64;

    /// <summary>Bytes of a stage: 16 rows of A and of B, 32 bytes each.</summary>
    private const int Stage = 1024;

    private const string Copy = "{ .reg .u32 to; .reg .u64 from; add.u32 to, tile, %0; add.u64 from, memory, %1; cp.async.cg.shared.global [to], [from], 16; }";

    /// <summary>R0, R1: A, B, two elements a float; R2: C; I0, I1: n, k.</summary>
    public static void Kernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        CudaAsm.Emit(".shared .align 128 .b8 tiles[3072];");
        CudaAsm.Emit(".reg .b32 fa<4>, fb<2>; .reg .f32 acc<4>; .reg .u32 tile; .reg .u64 memory;");
        CudaAsm.Emit("mov.u32 tile, tiles; ld.param.u64 memory, [graph_floats]; cvta.to.global.u64 memory, memory;");
        CudaAsm.Emit("mov.f32 acc0, 0f00000000; mov.f32 acc1, 0f00000000; mov.f32 acc2, 0f00000000; mov.f32 acc3, 0f00000000;");
        int thread = Group.IdxX, warp = thread / 32, lane = thread % 32;
        int tiles = a.I0 / Tile, top = Grid.IdxX / tiles * Tile, start = Grid.IdxX % tiles * Tile, steps = a.I1 / Tile;

        // The first warp copies rows of A, the second of B: 16 bytes a thread. Rows 4 to 7 of eight swap their halves, so that eight rows
        // read at once lie in all 32 banks.
        int row = lane / 2, half = lane % 2;
        var to = (warp * (Stage / 2)) + (row * 32) + ((half ^ ((row >> 2) & 1)) * 16);
        var from = ((warp == 0 ? a.R0 : a.R1) * 4) + (((long)((warp == 0 ? top : start) + row) * a.I1) * 2) + (half * 16);
        CudaAsm.Emit(Copy, to, from);
        CudaAsm.Emit("cp.async.commit_group;");
        if (steps > 1)
        {
            CudaAsm.Emit(Copy, to + Stage, from + 32);
        }

        CudaAsm.Emit("cp.async.commit_group;");
        int rowA = lane & 15, atA = (rowA * 32) + (((lane >> 4) ^ ((rowA >> 2) & 1)) * 16);
        int rowB = (warp * 8) + (lane & 7), atB = (Stage / 2) + (rowB * 32) + ((((lane >> 3) & 1) ^ ((rowB >> 2) & 1)) * 16);
        int read = 0, write = 2 * Stage;
        for (var step = 0; step < steps; step++)
        {
            CudaAsm.Emit("cp.async.wait_group 1;");
            Group.Barrier();
            if (step + 2 < steps)
            {
                CudaAsm.Emit(Copy, to + write, from + ((step + 2L) * 32));
            }

            CudaAsm.Emit("cp.async.commit_group;");
            CudaAsm.Emit("{ .reg .u32 at; add.u32 at, tile, %0; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {fa0,fa1,fa2,fa3}, [at]; }", read + atA);
            CudaAsm.Emit("{ .reg .u32 at; add.u32 at, tile, %0; ldmatrix.sync.aligned.m8n8.x2.shared.b16 {fb0,fb1}, [at]; }", read + atB);
            CudaAsm.Emit("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc0,acc1,acc2,acc3}, {fa0,fa1,fa2,fa3}, {fb0,fb1}, {acc0,acc1,acc2,acc3};");
            read = read == 2 * Stage ? 0 : read + Stage;
            write = write == 2 * Stage ? 0 : write + Stage;
        }

        var c = (a.R2 + ((top + (lane / 4L)) * a.I0) + start + (warp * 8) + (lane % 4 * 2)) * 4;
        CudaAsm.Emit("{ .reg .u64 at; add.u64 at, memory, %0; st.global.v2.f32 [at], {acc0,acc1}; }", c);
        CudaAsm.Emit("{ .reg .u64 at; add.u64 at, memory, %0; st.global.v2.f32 [at], {acc2,acc3}; }", c + (a.I0 * 32L));
    }
}
