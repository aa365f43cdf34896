using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>What the two cross-entropies share on a device: a group a sample, whose items stride over the positions.</summary>
internal static partial class LabelLoss
{
    public static void ForwardOnGpu<TRule>(GpuQueue gpu, long batch, Ref logits, IntRef labels, Ref loss, Ref exact, Ref accuracy, int n, int v)
        where TRule : struct, ILogProbability =>
        gpu.Launch(
            ForwardKernel<TRule>,
            batch,
            GpuGroup.For(n),
            new GpuArguments { R0 = GpuQueue.At(logits), R1 = GpuQueue.At(labels), R2 = GpuQueue.At(loss), R3 = GpuQueue.At(exact), R4 = GpuQueue.At(accuracy), I0 = n, I1 = v });

    /// <summary>Queues a backward kernel: R0 logits, R1 labels, R2 gradients of the losses, R3 gradients of the logits, I0 n, I1 v.</summary>
    public static void BackwardOnGpu(GpuQueue gpu, GpuKernel kernel, long batch, Ref logits, IntRef labels, Ref dloss, Ref dlogits, int n, int v) =>
        gpu.Launch(
            kernel,
            batch,
            GpuGroup.For(n),
            new GpuArguments { R0 = GpuQueue.At(logits), R1 = GpuQueue.At(labels), R2 = GpuQueue.At(dloss), R3 = GpuQueue.At(dlogits), I0 = n, I1 = v });

    /// <summary>The gradient of the sample's loss over its unmasked positions; in a kernel, by all items of the group.</summary>
    public static double ScaleOfSample(ArrayView<float> floats, ArrayView<int> integers, in GpuArguments a)
    {
        var shared = SharedMemory.Allocate<int>(GpuGroup.Full);
        var count = 0;
        for (var i = Group.IdxX; i < a.I0; i += Group.DimX)
        {
            count += integers[a.R1 + ((long)Grid.IdxX * a.I0) + i] == Ignore ? 0 : 1;
        }

        shared[Group.IdxX] = count;
        Group.Barrier();
        var total = 0;
        for (var item = 0; item < Group.DimX; item++)
        {
            total += shared[item];
        }

        return floats[a.R2 + Grid.IdxX] / (double)(total < 1 ? 1 : total);
    }

    /// <summary>The lowest index of the largest value.</summary>
    public static int ArgMax(GpuRef row, int v)
    {
        var best = 0;
        var largest = row[0];
        for (var k = 1; k < v; k++)
        {
            var value = row[k];
            if (value > largest)
            {
                best = k;
                largest = value;
            }
        }

        return best;
    }

    private static void ForwardKernel<TRule>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where TRule : struct, ILogProbability
    {
        var totals = SharedMemory.Allocate<double>(GpuGroup.Full);
        var counts = SharedMemory.Allocate<int>(GpuGroup.Full);
        var rights = SharedMemory.Allocate<int>(GpuGroup.Full);
        long sample = Grid.IdxX;
        var total = 0.0;
        var count = 0;
        var right = 0;
        for (var i = Group.IdxX; i < a.I0; i += Group.DimX)
        {
            var at = (sample * a.I0) + i;
            var label = integers[a.R1 + at];
            if (label != Ignore)
            {
                var row = new GpuRef(floats, a.R0 + (at * a.I1));
                total -= TRule.LogProbability(row, a.I1, label);
                right += ArgMax(row, a.I1) == label ? 1 : 0;
                count++;
            }
        }

        totals[Group.IdxX] = total;
        counts[Group.IdxX] = count;
        rights[Group.IdxX] = right;
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            for (var item = 1; item < Group.DimX; item++)
            {
                total += totals[item];
                count += counts[item];
                right += rights[item];
            }

            var divisor = count < 1 ? 1 : count;
            floats[a.R2 + sample] = (float)(total / divisor);

            // 1f and 0f: ILGPU writes the bits of an integer choice that is converted to float, on OpenCL.
            floats[a.R3 + sample] = right == count ? 1f : 0f;
            floats[a.R4 + sample] = (float)right / divisor;
        }
    }
}
