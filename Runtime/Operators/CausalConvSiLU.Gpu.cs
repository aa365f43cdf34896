using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>
/// The convolution on a device. Taps overlap between neighbouring rows and come from the cache. Parameter gradients are sums over
/// blocks of rows and then over the blocks in order: the same bits on every run.
/// </summary>
public readonly partial struct CausalConvSiLU
{
    private const int GroupSize = 128;

    /// <summary>Blocks of rows over which parameter gradients are summed apart: at least so many rows, at most so many blocks.</summary>
    private const int LeastRows = 64, MostBlocks = 256;

    private static void Forward(GpuQueue gpu, long rows, Ref x, int xStride, Ref weight, Ref bias, Ref y, int yStride, int t, int c, int w, int direction)
    {
        GpuKernel kernel = MixedStorage.Has(x, y) ? ForwardKernel<MixedStorage> : ForwardKernel<Float32Storage>;
        gpu.Work(kernel, 2.0 * rows * c * w, (double)(Bfloat16Place.Bytes(x) + Bfloat16Place.Bytes(y)) * rows * c);
        gpu.Launch(kernel, rows, GroupSize, new GpuArguments
        {
            R0 = GpuQueue.At(x), R1 = GpuQueue.At(weight), R2 = GpuQueue.At(bias), R3 = GpuQueue.At(y),
            I0 = xStride, I1 = yStride, I2 = t, I3 = c, I4 = w, I5 = direction,
        });
    }

    private static void BackwardInput(GpuQueue gpu, long rows, Ref x, int xStride, Ref weight, Ref bias, Ref dy, Ref dx, int dxStride, Ref dconv, int t, int c, int w, int direction)
    {
        GpuArguments arguments = new()
        {
            R0 = GpuQueue.At(x), R1 = GpuQueue.At(weight), R2 = GpuQueue.At(bias), R3 = GpuQueue.At(dy), R4 = GpuQueue.At(dx), R5 = GpuQueue.At(dconv),
            I0 = xStride, I1 = dxStride, I2 = t, I3 = c, I4 = w, I5 = direction,
        };
        bool mixed = MixedStorage.Has(x, dy, dx);
        GpuKernel convolution = mixed ? ConvolutionGradientKernel<MixedStorage> : ConvolutionGradientKernel<Float32Storage>;
        GpuKernel input = mixed ? InputGradientKernel<MixedStorage> : InputGradientKernel<Float32Storage>;
        gpu.Work(convolution, 2.0 * rows * c * w, (double)(Bfloat16Place.Bytes(x) + Bfloat16Place.Bytes(dy) + sizeof(float)) * rows * c);
        gpu.Work(input, 2.0 * rows * c * w, (double)(Bfloat16Place.Bytes(dx) + sizeof(float)) * rows * c);
        gpu.Launch(convolution, rows, GroupSize, arguments);
        gpu.Launch(input, rows, GroupSize, arguments);
    }

    private static void BackwardParameters(GpuQueue gpu, long rows, Ref x, int xStride, Ref dconv, Ref dweight, Ref dbias, int t, int c, int w, int direction)
    {
        long each = Math.Max(LeastRows, (rows + MostBlocks - 1) / MostBlocks);
        long blocks = (rows + each - 1) / each;
        long columnGroups = (c + GroupSize - 1) / GroupSize;
        GpuArguments arguments = new()
        {
            R0 = GpuQueue.At(x), R1 = GpuQueue.At(dconv), R2 = GpuQueue.At(gpu.Scratch(blocks * (w + 1) * c)), R3 = GpuQueue.At(dweight), R4 = GpuQueue.At(dbias),
            R5 = rows, R6 = each,
            I0 = xStride, I1 = (int)blocks, I2 = t, I3 = c, I4 = w, I5 = direction, I6 = (int)columnGroups,
        };
        GpuKernel sums = MixedStorage.Has(x) ? BlockSumKernel<MixedStorage> : BlockSumKernel<Float32Storage>;
        gpu.Work(sums, 2.0 * rows * c * w, (double)(Bfloat16Place.Bytes(x) + sizeof(float)) * rows * c);
        gpu.Launch(sums, blocks * (w + 1) * columnGroups, GroupSize, arguments);
        gpu.Launch(ParameterKernel, (w + 1) * columnGroups, GroupSize, arguments);
    }

    private static void ForwardKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        long row = Grid.IdxX;
        for (int j = Group.IdxX; j < a.I3; j += Group.DimX)
        {
            float conv = Convolve<S>(floats, a, row, j);
            S.Store(floats, a.R3 + row * a.I1 + j, conv / (1 + MathF.Exp(-conv)));
        }
    }

    /// <summary>dconv = dy silu'(conv).</summary>
    private static void ConvolutionGradientKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        long row = Grid.IdxX;
        for (int j = Group.IdxX; j < a.I3; j += Group.DimX)
        {
            float conv = Convolve<S>(floats, a, row, j);
            float sigmoid = 1 / (1 + MathF.Exp(-conv));
            floats[a.R5 + row * a.I3 + j] = S.Load(floats, a.R3 + row * a.I3 + j) * sigmoid * (1 + conv * (1 - sigmoid));
        }
    }

    /// <summary>dx[τ] = Σ_k weight[k] dconv at the position whose tap k reads τ.</summary>
    private static void InputGradientKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        long row = Grid.IdxX;
        int t = a.I2, c = a.I3, w = a.I4, i = Grid.IdxX % t;
        for (int j = Group.IdxX; j < c; j += Group.DimX)
        {
            float sum = 0;
            for (int k = 0; k < w; k++)
            {
                int shift = a.I5 * (w - 1 - k);
                if (i + shift >= 0 && i + shift < t)
                {
                    sum += floats[a.R1 + (long)j * w + k] * floats[a.R5 + (row + shift) * c + j];
                }
            }

            S.Store(floats, a.R4 + row * a.I1 + j, sum);
        }
    }

    /// <summary>
    /// One group a block of rows, tap and block of channels: Σ dconv x over the rows, tap w being the bias. The taps of one block are
    /// neighbours in the grid, so they share what they read through the cache.
    /// </summary>
    private static void BlockSumKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        int t = a.I2, c = a.I3, w = a.I4;
        int tap = Grid.IdxX % (w + 1);
        int block = Grid.IdxX / (w + 1) / a.I6;
        int j = Grid.IdxX / (w + 1) % a.I6 * Group.DimX + Group.IdxX;
        if (j >= c)
        {
            return;
        }

        long end = a.R6 * (block + 1);
        if (end > a.R5)
        {
            end = a.R5;
        }

        int shift = -a.I5 * (w - 1 - tap);
        int i = (int)(a.R6 * block % t);
        float sum = 0;
        for (long row = a.R6 * block; row < end; row++)
        {
            float gradient = floats[a.R1 + row * c + j];
            if (tap == w)
            {
                sum += gradient;
            }
            else if (i + shift >= 0 && i + shift < t)
            {
                sum += gradient * S.Load(floats, a.R0 + (row + shift) * a.I0 + j);
            }

            i = i + 1 == t ? 0 : i + 1;
        }

        floats[a.R2 + ((long)block * (w + 1) + tap) * c + j] = sum;
    }

    /// <summary>Adds the blocks in order to the gradients.</summary>
    private static void ParameterKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        int c = a.I3, w = a.I4;
        int tap = Grid.IdxX % (w + 1);
        int j = Grid.IdxX / (w + 1) * Group.DimX + Group.IdxX;
        if (j >= c)
        {
            return;
        }

        float sum = 0;
        for (int block = 0; block < a.I1; block++)
        {
            sum += floats[a.R2 + ((long)block * (w + 1) + tap) * c + j];
        }

        long target = tap == w ? a.R4 + j : a.R3 + (long)j * w + tap;
        floats[target] += sum;
    }

    private static float Convolve<S>(ArrayView<float> floats, GpuArguments a, long row, int j)
        where S : struct, IGpuStorage
    {
        int t = a.I2, w = a.I4, i = (int)(row % t);
        float sum = floats[a.R2 + j];
        for (int k = 0; k < w; k++)
        {
            int shift = -a.I5 * (w - 1 - k);
            if (i + shift >= 0 && i + shift < t)
            {
                sum += floats[a.R1 + (long)j * w + k] * S.Load(floats, a.R0 + (row + shift) * a.I0 + j);
            }
        }

        return sum;
    }
}
