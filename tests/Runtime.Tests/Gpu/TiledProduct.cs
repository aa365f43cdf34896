using Graph.Execution;
using ILGPU;

namespace Graph.Tests.Gpu;

/// <summary>
/// A small product in the shape of all of ours: 16-byte loads to tiles in shared memory, barriers, sums of products. C[m, n] = A[m, k] · B[k, n],
/// row-major, all multiples of the tile; one group of 64 an 8 x 8 tile of C.
/// </summary>
internal static class TiledProduct
{
    public const int Tile = 8;

    public const int GroupSize = Tile * Tile;

    private const int Quads = GroupSize / 4;

    /// <summary>R0, R1, R2: A, B, C; I0, I1: n, k.</summary>
    public static void Kernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var left = SharedMemory.Allocate<Four>(Quads);
        var right = SharedMemory.Allocate<Four>(Quads);
        var lane = Group.IdxX;
        var fours = floats.Cast<Four>();
        var tiles = a.I0 / Tile;
        var (top, start) = (Grid.IdxX / tiles * Tile, Grid.IdxX % tiles * Tile);
        var (row, column) = (lane / Tile, lane % Tile);
        var sum = 0f;
        for (var k = 0; k < a.I1; k += Tile)
        {
            Group.Barrier();
            if (lane < Quads)
            {
                left[lane] = fours[(a.R0 / 4) + ((top + (lane / 2)) * a.I1 / 4) + (k / 4) + (lane % 2)];
                right[lane] = fours[(a.R1 / 4) + ((k + (lane / 2)) * a.I0 / 4) + (start / 4) + (lane % 2)];
            }

            Group.Barrier();
            var (first, second) = (left[row * 2], left[(row * 2) + 1]);
            var values = right.Cast<float>();
            sum += (first.X * values[column]) + (first.Y * values[Tile + column]) + (first.Z * values[(2 * Tile) + column]) + (first.W * values[(3 * Tile) + column]);
            sum += (second.X * values[(4 * Tile) + column]) + (second.Y * values[(5 * Tile) + column]) + (second.Z * values[(6 * Tile) + column]) + (second.W * values[(7 * Tile) + column]);
        }

        floats[a.R2 + ((top + row) * a.I0) + start + column] = sum;
    }

    private struct Four(float x, float y, float z, float w)
    {
        public float X = x;
        public float Y = y;
        public float Z = z;
        public float W = w;
    }
}
