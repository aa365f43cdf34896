using ILGPU;

namespace Graph.Execution;

public static partial class PartialSums
{
    private const int Columns = 32;

    private const int Strips = 8;

    /// <summary>
    /// On a device: gradient[n] += factor · Σ rows of partial[blocks, n]. A group has 32 columns and sums the rows in 8 strips side by
    /// side, for with one strip the few columns of a bias would leave the device idle.
    /// </summary>
    internal static void AddTo(GpuQueue gpu, Ref gradient, Ref partial, long blocks, int n, float factor) =>
        gpu.Launch(
            SumColumns,
            ((long)n + Columns - 1) / Columns,
            Columns * Strips,
            new GpuArguments { R0 = GpuQueue.At(gradient), R1 = GpuQueue.At(partial), R2 = blocks, I0 = n, F0 = factor });

    private static void SumColumns(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var shared = SharedMemory.Allocate<float>(Columns * Strips);
        int lane = Group.IdxX, column = (Grid.IdxX * Columns) + (lane % Columns);
        var sum = 0f;
        if (column < a.I0)
        {
            for (long row = lane / Columns; row < a.R2; row += Strips)
            {
                sum += floats[a.R1 + (row * a.I0) + column];
            }
        }

        shared[lane] = sum;
        Group.Barrier();
        if (lane < Columns && column < a.I0)
        {
            var total = shared[lane];
            for (var strip = 1; strip < Strips; strip++)
            {
                total += shared[(strip * Columns) + lane];
            }

            floats[a.R0 + column] += a.F0 * total;
        }
    }
}
