using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

public readonly partial struct Embed
{
    /// <summary>Strips into which a group cuts the tokens.</summary>
    private const int Strips = 16;

    private static void ForwardOnGpu(GpuQueue gpu, long batch, IntRef tokens, Ref puzzle, Ref weight, Ref y, int s, int q, int t, int c, int p) =>
        gpu.Launch(
            ForwardKernel,
            batch * t,
            GpuGroup.For(c),
            new GpuArguments { R0 = GpuQueue.At(tokens), R1 = GpuQueue.At(puzzle), R2 = GpuQueue.At(weight), R3 = GpuQueue.At(y), I0 = s, I1 = q, I2 = t, I3 = c, I4 = p, F0 = MathF.Sqrt(c) });

    /// <summary>A group a row.</summary>
    private static void ForwardKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        long row = Grid.IdxX;
        int sample = Grid.IdxX / a.I2, position = Grid.IdxX - (sample * a.I2);
        var y = a.R3 + (row * a.I3);
        if (position < a.I4)
        {
            for (var k = Group.IdxX; k < a.I3; k += Group.DimX)
            {
                var i = ((long)position * a.I3) + k;
                floats[y + k] = i < a.I1 ? a.F0 * floats[a.R1 + ((long)sample * a.I1) + i] : 0;
            }
        }
        else
        {
            var token = integers[a.R0 + ((long)sample * a.I0) + position - a.I4];
            var embedding = a.R2 + ((long)token * a.I3);
            for (var k = Group.IdxX; k < a.I3; k += Group.DimX)
            {
                floats[y + k] = a.F0 * floats[embedding + k];
            }
        }
    }

    private static void BackwardPuzzleOnGpu(GpuQueue gpu, long batch, Ref dy, Ref dpuzzle, int q, int t, int c, int p) =>
        gpu.Launch(
            BackwardPuzzleKernel,
            batch,
            GpuGroup.For(q),
            new GpuArguments { R0 = GpuQueue.At(dy), R1 = GpuQueue.At(dpuzzle), R2 = (long)p * c, R3 = (long)t * c, I0 = q, F0 = MathF.Sqrt(c) });

    private static void BackwardPuzzleKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        long sample = Grid.IdxX;
        for (var i = Group.IdxX; i < a.I0; i += Group.DimX)
        {
            floats[a.R1 + (sample * a.I0) + i] = i < a.R2 ? a.F0 * floats[a.R0 + (sample * a.R3) + i] : 0;
        }
    }

    private static void BackwardTokensOnGpu(GpuQueue gpu, IntRef tokens, Ref dy, Ref dweight, long batch, int s, int t, int c, int p, int v)
    {
        var blocks = (c + Columns - 1) / Columns;
        gpu.Launch(
            BackwardTokensKernel,
            (long)v * blocks,
            Columns * Strips,
            new GpuArguments { R0 = GpuQueue.At(tokens), R1 = GpuQueue.At(dy), R2 = GpuQueue.At(dweight), R3 = batch, I0 = s, I1 = t, I2 = c, I3 = p, I4 = blocks, F0 = MathF.Sqrt(c) });
    }

    /// <summary>
    /// A group has 16 columns of one token's row and looks through all of the batch for it, in 16 strips. So each element has one
    /// writer and one order; vocabularies of puzzles are small enough.
    /// </summary>
    private static void BackwardTokensKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var shared = SharedMemory.Allocate<float>(Columns * Strips);
        int lane = Group.IdxX, token = Grid.IdxX / a.I4, column = ((Grid.IdxX - (token * a.I4)) * Columns) + (lane % Columns);
        var sum = 0f;
        if (column < a.I2)
        {
            for (long sample = 0; sample < a.R3; sample++)
            {
                for (var i = lane / Columns; i < a.I0; i += Strips)
                {
                    if (integers[a.R0 + (sample * a.I0) + i] == token)
                    {
                        sum += floats[a.R1 + (((sample * a.I1) + a.I3 + i) * a.I2) + column];
                    }
                }
            }
        }

        shared[lane] = sum;
        Group.Barrier();
        if (lane < Columns && column < a.I2)
        {
            var total = shared[lane];
            for (var strip = 1; strip < Strips; strip++)
            {
                total += shared[(strip * Columns) + lane];
            }

            floats[a.R2 + ((long)token * a.I2) + column] += a.F0 * total;
        }
    }
}
