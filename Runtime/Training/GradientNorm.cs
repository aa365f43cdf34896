using System.Runtime.Intrinsics;

namespace Graph.Training;

/// <summary>Global norm of the gradients, for clipping.</summary>
public static class GradientNorm
{
    /// <summary>Euclidean norm, summed in double over 8 interleaved partial sums in a fixed order: the same bits on every machine.</summary>
    public static double Of(ReadOnlySpan<float> gradients)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        int i = 0;
        for (; i <= gradients.Length - 8; i += 8)
        {
            Vector256<float> g = Vector256.Create(gradients.Slice(i, 8));
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(g);
            Vector512<double> wide = Vector512.Create(low, high);
            sums += wide * wide;
        }

        double total = 0;
        for (int lane = 0; lane < 8; lane++)
        {
            total += sums[lane];
        }

        for (; i < gradients.Length; i++)
        {
            total += (double)gradients[i] * gradients[i];
        }

        return Math.Sqrt(total);
    }

    /// <summary>Factor that brings the norm down to <paramref name="limit"/>; 1 where it is not above it.</summary>
    public static float Scale(double norm, double limit) => norm > limit ? (float)(limit / norm) : 1;
}
