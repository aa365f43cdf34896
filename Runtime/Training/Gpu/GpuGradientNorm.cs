using Graph.Execution;
using ILGPU;

namespace Graph.Training;

/// <summary><see cref="GradientNorm"/> on a device, in two stages of fixed order. The host need not see the norm for the step to go on.</summary>
internal static class GpuGradientNorm
{
    /// <summary>Floats of scratch: one a group of the first stage.</summary>
    public const int Scratch = DeviceLayout.NormSums;

    /// <summary>
    /// result[0] = Euclidean norm of the gradients (sums in double), result[1] = the factor that brings it down to
    /// <paramref name="limit"/>, 1 where it is not above it. Norms above 1e19 overflow to infinity.
    /// </summary>
    /// <param name="queue">The device's.</param>
    /// <param name="gradients"><paramref name="count"/> floats.</param>
    /// <param name="count">Their number.</param>
    /// <param name="limit">Norm to clip at; infinity: none.</param>
    /// <param name="scratch"><see cref="Scratch"/> floats.</param>
    /// <param name="result">2 floats.</param>
    public static void Of(GpuQueue queue, Ref gradients, long count, double limit, Ref scratch, Ref result)
    {
        var groups = Math.Clamp(GpuGroup.Over(count), 1, Scratch);
        queue.Launch(SquareKernel, groups, GpuGroup.Full, new GpuArguments { R0 = GpuQueue.At(gradients), R1 = GpuQueue.At(scratch), R2 = count });
        queue.Launch(FinishKernel, 1, GpuGroup.Full, new GpuArguments { R0 = GpuQueue.At(scratch), R1 = GpuQueue.At(result), R2 = groups, F0 = (float)limit });
    }

    private static void SquareKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var sum = 0.0;
        for (var i = ((long)Grid.IdxX * Group.DimX) + Group.IdxX; i < a.R2; i += (long)Grid.DimX * Group.DimX)
        {
            double g = floats[a.R0 + i];
            sum += g * g;
        }

        sum = SumOfGroup(sum);
        if (Group.IdxX == 0)
        {
            floats[a.R1 + Grid.IdxX] = (float)sum;
        }
    }

    private static void FinishKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var sum = SumOfGroup(Group.IdxX < a.R2 ? floats[a.R0 + Group.IdxX] : 0.0);
        if (Group.IdxX == 0)
        {
            var norm = (float)Math.Sqrt(sum);
            floats[a.R1] = norm;
            floats[a.R1 + 1] = norm > a.F0 ? a.F0 / norm : 1f;
        }
    }

    /// <summary>By a tree in shared memory; every item gets it.</summary>
    private static double SumOfGroup(double value)
    {
        var shared = SharedMemory.Allocate<double>(GpuGroup.Full);
        var lane = Group.IdxX;
        shared[lane] = value;
        Group.Barrier();
        for (var half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (lane < half)
            {
                shared[lane] += shared[lane + half];
            }

            Group.Barrier();
        }

        return shared[0];
    }
}
