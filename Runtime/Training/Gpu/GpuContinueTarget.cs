using Graph.Execution;
using ILGPU;

namespace Graph.Training;

/// <summary>The target of <see cref="BootstrappedTarget"/> on a device, from logits that the host does not see.</summary>
internal static class GpuContinueTarget
{
    /// <param name="queue">The device's.</param>
    /// <param name="logits">[slots, 2]: to halt and to continue, of the next step.</param>
    /// <param name="target">[slots]: 1 where the sample spends its last step, else 0; takes the target.</param>
    /// <param name="slots">Samples of a step.</param>
    public static void Fill(GpuQueue queue, Ref logits, Ref target, int slots) =>
        queue.Launch(Kernel, GpuGroup.Over(slots), GpuGroup.Full, new GpuArguments { R0 = GpuQueue.At(logits), R1 = GpuQueue.At(target), R2 = slots });

    private static void Kernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var slot = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (slot < a.R2)
        {
            var logit = floats[a.R0 + (2 * slot)];
            var onward = floats[a.R0 + (2 * slot) + 1];
            if (floats[a.R1 + slot] < 0.5f && onward > logit)
            {
                logit = onward;
            }

            floats[a.R1 + slot] = 1f / (1f + MathF.Exp(-logit));
        }
    }
}
