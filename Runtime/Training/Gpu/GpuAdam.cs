using Graph.Execution;
using ILGPU;

namespace Graph.Training;

/// <summary><see cref="AdamATan2"/> and <see cref="AdamW"/> on a device: the same element-wise update, an element a work item.</summary>
internal static class GpuAdam
{
    /// <summary>The direction from the first moment and the corrected root of the second.</summary>
    private interface IRule
    {
        static abstract float Direction(float m, float root, float parameter);
    }

    /// <summary>A step of <see cref="AdamATan2"/> on a range of the weights.</summary>
    /// <param name="queue">The device's.</param>
    /// <param name="weights">The range, <paramref name="count"/> floats, as the next three.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="m">Their first moments.</param>
    /// <param name="v">Their second moments.</param>
    /// <param name="count">Floats of the range.</param>
    /// <param name="step">Scalars of the step.</param>
    /// <param name="decay">False: without weight decay.</param>
    /// <param name="gradientScale">Where in device memory the factor on the gradients is (<see cref="GpuGradientNorm"/> writes it, and no host waits for it); null: 1.</param>
    /// <param name="correction">Factor on the first moment inside the atan2, of <see cref="ScaledAdamATan2"/>.</param>
    public static void ATan2(GpuQueue queue, Ref weights, Ref gradients, Ref m, Ref v, long count, in GpuAdamStep step, bool decay = true, Ref gradientScale = default, double correction = 1) =>
        Launch(queue, UpdateKernel<ATan2Rule>, weights, gradients, m, v, count, step, decay, gradientScale, (float)correction);

    /// <summary>A step of <see cref="AdamW"/> on a range of the weights; parameters as of <see cref="ATan2(GpuQueue, Ref, Ref, Ref, Ref, long, in GpuAdamStep, bool, Ref, double)"/>.</summary>
    public static void Decoupled(GpuQueue queue, Ref weights, Ref gradients, Ref m, Ref v, long count, in GpuAdamStep step, double epsilon, bool decay = true, Ref gradientScale = default) =>
        Launch(queue, UpdateKernel<QuotientRule>, weights, gradients, m, v, count, step, decay, gradientScale, (float)epsilon);

    private static void Launch(GpuQueue queue, GpuKernel kernel, Ref weights, Ref gradients, Ref m, Ref v, long count, in GpuAdamStep step, bool decay, Ref gradientScale, float epsilon) =>
        queue.Launch(
            kernel,
            GpuGroup.Over(count),
            GpuGroup.Full,
            new GpuArguments
            {
                R0 = GpuQueue.At(weights),
                R1 = GpuQueue.At(gradients),
                R2 = GpuQueue.At(m),
                R3 = GpuQueue.At(v),
                R4 = count,
                R5 = GpuQueue.At(gradientScale),
                F0 = decay ? step.Keep : 1,
                F1 = step.Size,
                F2 = step.Root,
                F3 = step.Rate1,
                F4 = step.Rate2,
                F5 = epsilon,
            });

    private static void UpdateKernel<TRule>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where TRule : struct, IRule
    {
        var i = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i >= a.R4)
        {
            return;
        }

        var g = floats[a.R1 + i];
        if (a.R5 >= 0)
        {
            g *= floats[a.R5];
        }

        var m = floats[a.R2 + i];
        var v = floats[a.R3 + i];
        m += (g - m) * a.F3;
        v += ((g * g) - v) * a.F4;
        floats[a.R2 + i] = m;
        floats[a.R3 + i] = v;
        floats[a.R0 + i] = (floats[a.R0 + i] * a.F0) - (TRule.Direction(m, MathF.Sqrt(v) * a.F2, a.F5) * a.F1);
    }

    private readonly struct QuotientRule : IRule
    {
        public static float Direction(float m, float root, float epsilon) => m / (root + epsilon);
    }

    /// <summary>The polynomial of <see cref="AdamATan2"/>, one value at a time.</summary>
    private readonly struct ATan2Rule : IRule
    {
        public static float Direction(float m, float root, float correction)
        {
            m *= correction;
            var size = m < 0f ? -m : m;
            var low = size < root ? size : root;
            var high = size < root ? root : size;
            if (!(high > 0f))
            {
                return high;
            }

            var upper = low > high * 0.41421356f;
            var q = (upper ? low - high : low) / (upper ? low + high : high);
            var z = q * q;
            var p = (z * 8.05374449538e-2f) - 1.38776856032e-1f;
            p = (p * z) + 1.99777106478e-1f;
            p = (p * z) - 3.33329491539e-1f;
            p = (p * z * q) + q;
            p = upper ? p + (MathF.PI / 4) : p;
            p = size > root ? (MathF.PI / 2) - p : p;
            return m < 0f ? -p : p;
        }
    }
}
